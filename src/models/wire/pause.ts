/** Waits, and stops waiting at once when the signal is aborted. Gives whether the whole time has passed. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  return await new Promise<boolean>((resolve) => {
    const end = (isWhole: boolean): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve(isWhole);
    };
    const stop = (): void => end(false);
    const timer = setTimeout(() => end(true), ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
