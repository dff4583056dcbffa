/** The only way to the time: tests put their own in its place. */
export interface Clock {
  now(): Date;
}
export const Clock = Symbol('Clock');

export const systemClock: Clock = { now: () => new Date() };
