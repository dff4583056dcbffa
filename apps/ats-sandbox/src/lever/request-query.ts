import type { Request } from 'express';
import { badRequest } from './lever-error.js';

/**
 * A request's query. Values are decoded once, so that an offset token, which is percent-encoded text itself, arrives as it
 * was given out.
 */
export class RequestQuery {
  readonly #values: URLSearchParams;

  constructor(request: Request) {
    this.#values = new URL(request.originalUrl, 'http://localhost').searchParams;
  }

  has(name: string): boolean {
    return this.all(name).length > 0;
  }

  /** All values of a repeated key; `key[]` is the same key. */
  all(name: string): readonly string[] {
    return [...this.#values.getAll(name), ...this.#values.getAll(`${name}[]`)];
  }

  one(name: string): string | undefined {
    return this.all(name)[0];
  }

  flag(name: string): boolean | undefined {
    const value = this.one(name);
    if (value === undefined || value === 'true' || value === 'false')
      return value === undefined ? undefined : value === 'true';
    throw badRequest(`${name} must be true or false`);
  }

  /** Milliseconds since 1970. */
  time(name: string): number | undefined {
    const value = this.one(name);
    if (value === undefined) return undefined;
    if (!/^-?\d+$/.test(value)) throw badRequest(`${name} must be a timestamp in milliseconds`);
    return Number(value);
  }

  get limit(): number {
    const value = this.one('limit');
    if (value === undefined) return 100;
    const limit = Number(value);
    if (!/^\d+$/.test(value) || limit < 1 || limit > 100) throw badRequest('limit must be between 1 and 100');
    return limit;
  }
}

/** A time range as filters give it, both ends included. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** The range that `<name>_start` and `<name>_end` ask for; undefined when neither is given. */
export function timeRange(query: RequestQuery, name: string): TimeRange | undefined {
  const [start, end] = [query.time(`${name}_start`), query.time(`${name}_end`)];
  return start === undefined && end === undefined ? undefined : { start: start ?? -Infinity, end: end ?? Infinity };
}

/** Whether a time lies in a range; a time that is not there never does. */
export function within(range: TimeRange | undefined, time: number | null | undefined): boolean {
  return range === undefined || (typeof time === 'number' && time >= range.start && time <= range.end);
}
