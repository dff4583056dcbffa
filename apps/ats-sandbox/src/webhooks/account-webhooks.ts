import type { WebhookOutbox } from './webhook-outbox.js';

/** A webhook as an admin makes it in the vendor's settings. */
export interface HandMadeHook {
  readonly event: string;
  readonly url: string;
  readonly name?: string | undefined;
  /** Greenhouse: what the admin types in. Lever: what it generated; absent, one is generated. */
  readonly secret?: string | undefined;
  /** Lever only: false leaves the deliveries of this webhook unsigned. */
  readonly signed?: boolean | undefined;
}

export interface HookChange {
  readonly active?: boolean | undefined;
  readonly url?: string | undefined;
  readonly secret?: string | undefined;
}

/** A webhook as the admin routes show it, with its secret. */
export interface HookView {
  readonly id: string;
  readonly event: string;
  readonly url: string;
  readonly secret: string | null;
  /** Whether events are delivered to it. */
  readonly active: boolean;
  readonly madeBy: 'api' | 'hand';
}

/** The webhooks of an account, as those see them who administrate it. Everything throws an Error with a sentence. */
export interface AccountWebhooks {
  readonly outbox: WebhookOutbox;
  list(): readonly HookView[];
  /** Pings it, as the vendor does. */
  add(hook: HandMadeHook): Promise<HookView>;
  change(id: string, change: HookChange): Promise<HookView>;
  remove(id: string): void;
  /** Sends the vendor's test; false when it did not get through. */
  test(id: string): Promise<boolean>;
  /** Lever only: turns the webhooks that apps made for these events on or off. */
  toggle(events: readonly string[] | 'all', on: boolean): void;
  /** What survives the process; deliveries do not. */
  kept(): Readonly<Record<string, unknown>>;
  restore(kept: Readonly<Record<string, unknown>>): void;
}
