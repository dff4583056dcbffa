import type { ModelState } from './model-state.js';

/** What an operation knows between its steps; it has ended when there is a `code`. */
export interface Course {
  code?: string;
  readonly seen: Record<string, string | number | boolean | null>;
}

/** One moment of an operation: between two of them others may have theirs. */
export type Step = (state: ModelState, course: Course) => void;
