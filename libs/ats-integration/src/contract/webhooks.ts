import type { ProviderContext } from './context.js';
import type { RecordKind } from './records.js';
import type { GoneRecord } from './tombstone.js';

/** A delivery as it arrived. */
export interface WebhookDelivery {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that were signed; never parsed and written again. */
  readonly body: Uint8Array;
}

/** What must be true for a delivery to be genuine; the engine computes the digest and compares it in constant time. */
export interface SignatureClaim {
  readonly algorithm: 'hmac-sha256';
  readonly message: Uint8Array | string;
  /** Lower-case hexadecimal. */
  readonly signature: string;
  /** The signed moment, where the scheme has one: an old delivery is refused. */
  readonly signedAt: Date | null;
}

/** What a delivery says. It names records, never their contents: what changed is read from the API. */
export interface WebhookNews {
  /** The vendor's id of this delivery, when there is one; otherwise the engine takes a digest of the body. */
  readonly deliveryId: string | null;
  /** The vendor's word for what happened. */
  readonly event: string;
  readonly occurredAt: Date | null;
  /** `test`: a ping, to be answered and nothing else. `ignored`: an event that concerns nothing we keep. */
  readonly about: 'records' | 'test' | 'ignored';
  readonly touched: readonly { readonly kind: RecordKind; readonly remoteId: string }[];
  /** Hints: the engine makes sure before it believes them. */
  readonly gone: readonly GoneRecord[];
}

/** A hook as it is to be registered in the ATS, one for each event. */
export interface HookToRegister {
  readonly url: string;
  readonly event: string;
  /** A secret of ours, for an ATS that takes one. */
  readonly secret: string;
}

export interface RegisteredHook {
  readonly remoteId: string;
  /** What deliveries of this hook are signed with: ours, or the one that the ATS gave. */
  readonly secret: string;
}

/** For an ATS whose hooks are managed through its API. */
export interface HookRegistration<Config> {
  /** Scopes that it needs; without them the admin is given the instructions. */
  readonly scopes: readonly string[];
  register(context: ProviderContext<Config>, hook: HookToRegister): Promise<RegisteredHook>;
  /** Hooks of this address, by event. */
  list(
    context: ProviderContext<Config>,
    url: string,
  ): Promise<readonly { readonly remoteId: string; readonly event: string }[]>;
  /** A hook that is gone already is no fault. */
  remove(context: ProviderContext<Config>, remoteId: string): Promise<void>;
}

export interface WebhookCapability<Config> {
  /** The vendor's words for the events that are wanted. */
  readonly events: readonly string[];
  /** `ours`: the admin pastes our secret into the ATS. `theirs`: the ATS shows a secret for each event that is pasted here. */
  readonly secretsAre: 'ours' | 'theirs';
  /** Seconds by which a signed moment may differ from now; null where the scheme signs no moment. */
  readonly toleranceSeconds: number | null;
  /** The claim in a delivery, or null when it is unsigned or not well-formed: it is refused. Pure. */
  claim(delivery: WebhookDelivery): SignatureClaim | null;
  /** Pure. Throws `ProviderFault('unexpected-shape')`. Only ever called for a delivery whose claim holds. */
  read(delivery: WebhookDelivery): WebhookNews;
  readonly registration: HookRegistration<Config> | null;
  /** Steps for an admin who registers the hook by hand, one sentence each. */
  instructions(hook: { readonly url: string; readonly events: readonly string[] }): readonly string[];
}
