/**
 * Resolves like `answer`, or with `otherwise` once the signal is aborted, so that an answer that never comes does not
 * delay the end.
 */
export function unlessStopped<T, U>(answer: Promise<T>, signal: AbortSignal, otherwise: U): Promise<T | U> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(otherwise);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
