/** Taken from the global once: under Jest every look at a global goes through its sandbox, fifty times as slow. */
export const { floor, max, min } = Math;
