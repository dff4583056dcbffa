/** What a webhook's receiver is sent. */
export interface OutgoingMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes that are signed, where the vendor signs them. */
  readonly body: string;
}

/** Something that happened and that a webhook is to tell of. */
export interface HookEvent {
  readonly hook: string;
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** When it happened, by the vendor's clock. */
  readonly at: number;
}

/** One attempt to deliver. */
export interface Attempt {
  readonly at: string;
  /** Null when there was no answer. */
  readonly status: number | null;
  readonly error: string | null;
}

/** `lost`: it will never be attempted, except by hand. `failed`: there are no attempts left. */
export type DeliveryState = 'pending' | 'delivered' | 'failed' | 'lost';

/** A delivery as it goes out. */
export interface NamedEvent extends HookEvent {
  /** A number that it names itself by; a repeated one may have that of the first. */
  readonly identity: number;
}

export interface Delivery extends HookEvent {
  /** Counts from 1, in the order of what happened. */
  readonly id: number;
  /** Deliveries that are due at once go out in this order. */
  readonly rank: number;
  readonly duplicateOf: number | null;
  state: DeliveryState;
  /** By the sandbox's clock. */
  dueAt: number;
  readonly attempts: Attempt[];
}

/** A delivery as the admin routes show it. */
export interface DeliveryView {
  readonly id: number;
  readonly hook: string;
  readonly event: string;
  readonly state: DeliveryState;
  readonly at: string;
  readonly dueAt: string;
  readonly duplicateOf: number | null;
  readonly attempts: readonly Attempt[];
  /** As the next attempt would send it; null when the webhook is gone. */
  readonly message: OutgoingMessage | null;
}

/** How a vendor delivers. */
export interface DeliveryRules {
  /** The account's; what goes wrong depends on it. */
  readonly seed: number;
  /** Milliseconds from each attempt to the next; one more attempt than there are gaps. */
  readonly gapsMs: (hook: string) => readonly number[];
  readonly succeeded: (status: number) => boolean;
  /** Undefined when the webhook is gone. */
  readonly urlOf: (hook: string) => string | undefined;
  /** Undefined when the webhook is gone or switched off. */
  readonly render: (event: NamedEvent) => OutgoingMessage | undefined;
  /** Told of each attempt that succeeded. */
  readonly delivered?: (hook: string) => void;
}
