import { fraction, integer } from '../randomness/random.js';
import type { Delivery, DeliveryRules, DeliveryState, DeliveryView, HookEvent } from './delivery.js';
import { postMessage } from './post-message.js';
import type { WebhookKnobs } from './webhook-knobs.js';

/** How many deliveries that are over are remembered. */
const REMEMBERED = 20_000;
const REORDERED_BY = 8;
const REORDERED_HOLD_MS = 1000;
const SWITCHED_OFF = 'The webhook is gone or switched off.';

/** What a flush did. */
export interface FlushResult {
  readonly attempted: number;
  readonly delivered: number;
  /** Attempts that did not succeed. */
  readonly failed: number;
  /** Deliveries that are still to be attempted. */
  readonly pending: number;
}

/** The deliveries of one account, in the order of what happened, and their attempts, one at a time. */
export class WebhookOutbox {
  readonly #rules: DeliveryRules;
  readonly #now: () => number;
  readonly #knobs: () => WebhookKnobs;
  #deliveries: Delivery[] = [];
  #made = 0;
  #identities = 0;
  #line: Promise<unknown> = Promise.resolve();
  #ticking = false;

  constructor(rules: DeliveryRules, now: () => number, knobs: () => WebhookKnobs) {
    this.#rules = rules;
    this.#now = now;
    this.#knobs = knobs;
  }

  /** Takes an event on; what the knobs want to go wrong with it is decided here. */
  add(event: HookEvent): void {
    const { seed, lost, duplicated, reordered, delayed, delayMs, delivery } = this.#knobs();
    const draw = this.#made + 1;
    const behind = fraction(seed, draw, 3) < reordered ? 1.5 + integer(seed, draw, 4, REORDERED_BY) : 0;
    // What is delivered as soon as it is due has to wait, or else nothing could go before it.
    const least = behind > 0 && delivery === 'automatic' ? REORDERED_HOLD_MS : 0;
    const held = fraction(seed, draw, 1) < delayed ? integer(seed, draw, 2, delayMs) + 1 : least;
    const state = fraction(seed, draw, 5) < lost ? 'lost' : 'pending';
    const first = this.#put(event, { state, held, behind, duplicateOf: null, identity: this.#newIdentity() });
    if (state === 'lost' || fraction(seed, draw, 6) >= duplicated) return;
    const identity = this.#knobs().repeatedIds === 'same' ? first.identity : this.#newIdentity();
    this.#put(event, { state, held, behind: integer(seed, draw, 7, REORDERED_BY), duplicateOf: first.id, identity });
  }

  /** Sends a test at once, whatever the knobs say; it is not tried again. */
  async sendNow(event: HookEvent): Promise<boolean> {
    const options = { state: 'failed', held: 0, behind: 0, duplicateOf: null, identity: this.#newIdentity() } as const;
    const delivery = this.#put(event, options);
    await this.#queued(() => this.#attempt(delivery, false));
    return delivery.state === 'delivered';
  }

  /** Makes one attempt at each delivery that is due, or with `all` at each pending one. */
  flush(all: boolean): Promise<FlushResult> {
    return this.#queued(async () => {
      const now = this.#now();
      const chosen = this.#deliveries.filter(({ state, dueAt }) => state === 'pending' && (all || dueAt <= now));
      chosen.sort((a, b) => a.rank - b.rank || a.id - b.id);
      let delivered = 0;
      for (const delivery of chosen) delivered += (await this.#attempt(delivery, true)) ? 1 : 0;
      const pending = this.#deliveries.filter(({ state }) => state === 'pending').length;
      return { attempted: chosen.length, delivered, failed: chosen.length - delivered, pending };
    });
  }

  /** What the sandbox does several times a second; nothing when delivering is left to the admin routes. */
  async tick(): Promise<void> {
    if (this.#ticking || this.#knobs().delivery === 'manual') return;
    const now = this.#now();
    if (!this.#deliveries.some(({ state, dueAt }) => state === 'pending' && dueAt <= now)) return;
    this.#ticking = true;
    try {
      await this.flush(false);
    } finally {
      this.#ticking = false;
    }
  }

  /** One more attempt, in whatever state it is; undefined when there is no such delivery. */
  async resend(id: number): Promise<DeliveryView | undefined> {
    const delivery = this.#deliveries.find((one) => one.id === id);
    if (delivery === undefined) return undefined;
    await this.#queued(() => this.#attempt(delivery, delivery.state === 'pending'));
    return this.#view(delivery);
  }

  /** Oldest first. */
  list(
    filter: { readonly state?: DeliveryState | undefined; readonly event?: string | undefined } = {},
  ): readonly DeliveryView[] {
    const { state, event } = filter;
    return this.#deliveries
      .filter((one) => (state === undefined || one.state === state) && (event === undefined || one.event === event))
      .map((delivery) => this.#view(delivery));
  }

  /** Forgets all deliveries, pending ones too. */
  clear(): void {
    this.#deliveries = [];
  }

  #put(
    event: HookEvent,
    how: {
      readonly state: DeliveryState;
      readonly held: number;
      readonly behind: number;
      readonly duplicateOf: number | null;
      readonly identity: number;
    },
  ): Delivery {
    const { held, behind, ...given } = how;
    const id = ++this.#made;
    const delivery = { ...event, ...given, id, rank: id + behind, dueAt: this.#now() + held, attempts: [] };
    this.#deliveries.push(delivery);
    if (this.#deliveries.length > REMEMBERED) this.#forgetTheOldest();
    return delivery;
  }

  #forgetTheOldest(): void {
    const place = this.#deliveries.findIndex(({ state }) => state !== 'pending');
    if (place >= 0) this.#deliveries.splice(place, 1);
  }

  async #attempt(delivery: Delivery, again: boolean): Promise<boolean> {
    const { attempts, hook } = delivery;
    if (attempts.length > 0 && this.#knobs().repeatedIds === 'new') delivery.identity = this.#newIdentity();
    const message = this.#rules.render(delivery);
    const at = new Date(this.#now()).toISOString();
    if (message === undefined) {
      attempts.push({ at, status: null, error: SWITCHED_OFF });
      delivery.state = 'failed';
      return false;
    }
    const { status, error } = await postMessage(message, this.#knobs().timeoutMs);
    attempts.push({ at, status, error });
    if (status !== null && this.#rules.succeeded(status)) {
      delivery.state = 'delivered';
      this.#rules.delivered?.(hook);
      return true;
    }
    const gap = again ? this.#rules.gapsMs(hook)[attempts.length - 1] : undefined;
    if (gap !== undefined) delivery.dueAt = this.#now() + gap;
    else if (delivery.state === 'pending') delivery.state = 'failed';
    return false;
  }

  #newIdentity(): number {
    return ++this.#identities;
  }

  /** Attempts are made one after the other, so that the order of deliveries is that of their ranks. */
  #queued<Result>(act: () => Promise<Result>): Promise<Result> {
    const result = this.#line.then(act);
    this.#line = result.catch(() => undefined);
    return result;
  }

  #view(delivery: Delivery): DeliveryView {
    const { id, hook, event, state, at, dueAt, duplicateOf, attempts } = delivery;
    return {
      id,
      hook,
      event,
      state,
      at: new Date(at).toISOString(),
      dueAt: new Date(dueAt).toISOString(),
      duplicateOf,
      attempts: [...attempts],
      message: this.#rules.render(delivery) ?? null,
    };
  }
}
