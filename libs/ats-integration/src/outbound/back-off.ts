/** Tries in a row that came to nothing, reads and writes alike, before a change is given up: about an hour. */
export const MOST_TRIES = 9;
const LONGEST_WAIT_MS = 15 * 60_000;

/** How long to wait after so many tries that came to nothing: three times as long each, with some chance in it. */
export function backOffMs(retrySeconds: number, failedBefore: number): number {
  return Math.min(retrySeconds * 1000 * 3 ** failedBefore * (0.8 + Math.random() * 0.4), LONGEST_WAIT_MS);
}
