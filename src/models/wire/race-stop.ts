/** What came first: the work, or the stop. */
export type Raced<T> = { readonly isStopped: false; readonly value: T } | { readonly isStopped: true };

/** Waits for work that may not listen to the signal, no longer than until the signal is aborted. */
export async function raceStop<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<Raced<T>> {
  const stopped = Promise.withResolvers<Raced<T>>();
  const stop = (): void => stopped.resolve({ isStopped: true });
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work.then((value): Raced<T> => ({ isStopped: false, value })), stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
