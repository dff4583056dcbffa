/** Highest first: what a person waits for goes before what nobody watches. */
export const LANES = ['outbound', 'webhook', 'incremental', 'initial'] as const;
export type Lane = (typeof LANES)[number];

/** "Look at this now": ids only, never data. Everything durable is in Postgres, so an item may be lost or given twice. */
export interface WorkItem {
  readonly kind: string;
  readonly id: string;
  readonly lane: Lane;
}

export type WorkHandler = (item: WorkItem) => Promise<void>;

/**
 * The seam between "there is work" and "who does it". Delivers each item at least once as long as the queue lives; an
 * item equal in kind and id to one that still waits may be dropped. A handler that throws is not called again for that
 * item: the sweep over Postgres finds what is still due.
 */
export interface WorkQueue {
  enqueue(item: WorkItem, options?: { readonly delayMs?: number }): Promise<void>;
  /** One handler per kind; `concurrency` is how many of that kind run at once in this process. */
  process(kind: string, handler: WorkHandler, concurrency: number): void;
  /** Kinds that have a handler in this process. */
  handled(): readonly string[];
  /** Takes no more work, waits for what runs. */
  close(): Promise<void>;
}
export const WorkQueue = Symbol('WorkQueue');
