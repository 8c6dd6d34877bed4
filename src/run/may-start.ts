import type { NodeState } from "../plan/index.ts";
import type { Hosted } from "./hosted.ts";

/** While something was waited for, the run may have turned, or the engine may have begun to drain. */
export function mayStart(hosted: Hosted, node: NodeState): boolean {
  const isStartable = node.tag === "ready" || node.tag === "retry-wait" || node.tag === "unknown";
  return (
    hosted.engine.death === undefined &&
    !hosted.engine.isDraining &&
    hosted.state.phase === "running" &&
    isStartable &&
    hosted.state.nodes[node.index] === node && // a patch may have put another in its place
    !node.lost
  );
}
