/** A client of the Redis that several processes share; opaque here. Given by the queue that runs on it. */
export type RedisClient = object;

/** Absent when there is no Redis: each process then counts for itself. */
export const SharedRedis = Symbol('SharedRedis');
