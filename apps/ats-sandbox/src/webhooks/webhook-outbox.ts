import { z } from 'zod';
import { fraction, integer, mix } from '../randomness/random.js';
import type { Delivery, DeliveryRules, DeliveryState, DeliveryView, HookEvent, OutgoingMessage } from './delivery.js';
import { postMessage } from './post-message.js';
import type { WebhookKnobs } from './webhook-knobs.js';

/** How many deliveries that are over are remembered. */
const REMEMBERED = 20_000;
const REORDERED_BY = 8;
const REORDERED_HOLD_MS = 1000;
/** More often than this no delivery is attempted. */
const NAMES_EACH = 1000;
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

/** What survives the process: a delivery never names itself as an earlier one did. */
export const keptOutboxSchema = z.object({ made: z.int().default(0), drawn: z.int().default(0) });
export type KeptOutbox = Readonly<z.infer<typeof keptOutboxSchema>>;

/** A delivery, and how often it had been attempted when it was chosen. */
interface Chosen {
  readonly delivery: Delivery;
  readonly attempted: number;
}

interface Tally {
  attempted: number;
  delivered: number;
}

/**
 * The deliveries of one account, in the order of what happened. Attempts at one URL are made one after the other; a
 * receiver that does not answer holds up nobody else's.
 */
export class WebhookOutbox {
  readonly #rules: DeliveryRules;
  readonly #now: () => number;
  readonly #knobs: () => WebhookKnobs;
  readonly #lines = new Map<string, Promise<unknown>>();
  readonly #closing = new AbortController();
  #deliveries: Delivery[] = [];
  #made = 0;
  #drawn = 0;

  constructor(rules: DeliveryRules, now: () => number, knobs: () => WebhookKnobs) {
    this.#rules = rules;
    this.#now = now;
    this.#knobs = knobs;
  }

  /** Takes an event on; what the knobs want to go wrong with it is decided here. */
  add(event: HookEvent): void {
    const { lost, duplicated, reordered, delayed, delayMs, delivery, ...knobs } = this.#knobs();
    const [seed, draw] = [mix(this.#rules.seed, knobs.seed, 1), ++this.#drawn];
    const behind = fraction(seed, draw, 3) < reordered ? 1.5 + integer(seed, draw, 4, REORDERED_BY) : 0;
    // What is delivered as soon as it is due has to wait, or else nothing could go before it.
    const least = behind > 0 && delivery === 'automatic' ? REORDERED_HOLD_MS : 0;
    const held = fraction(seed, draw, 1) < delayed ? integer(seed, draw, 2, delayMs) + 1 : least;
    const state = fraction(seed, draw, 5) < lost ? 'lost' : 'pending';
    const first = this.#put(event, { state, held, behind, duplicateOf: null });
    if (state === 'lost' || fraction(seed, draw, 6) >= duplicated) return;
    this.#put(event, { state, held, behind: integer(seed, draw, 7, REORDERED_BY), duplicateOf: first.id });
  }

  /** Sends a test at once, whatever the knobs say and whatever else is waiting; it is not tried again. */
  async sendNow(event: HookEvent): Promise<boolean> {
    const delivery = this.#put(event, { state: 'failed', held: 0, behind: 0, duplicateOf: null });
    await this.#inLine(`test ${delivery.id}`, () => this.#attempt(delivery, false));
    return delivery.state === 'delivered';
  }

  /** Makes one attempt at each delivery that is due, or with `all` at each pending one. */
  async flush(all: boolean): Promise<FlushResult> {
    const { attempted, delivered } = await this.#attemptEach(all, () => true);
    const pending = this.#deliveries.filter(({ state }) => state === 'pending').length;
    return { attempted, delivered, failed: attempted - delivered, pending };
  }

  /** What the sandbox does several times a second; nothing when delivering is left to the admin routes. */
  async tick(): Promise<void> {
    if (this.#knobs().delivery === 'manual') return;
    await this.#attemptEach(false, (url) => !this.#lines.has(url));
  }

  /** One more attempt, in whatever state it is; undefined when there is no such delivery. */
  async resend(id: number): Promise<DeliveryView | undefined> {
    const delivery = this.#deliveries.find((one) => one.id === id);
    if (delivery === undefined) return undefined;
    await this.#inLine(this.#urlOf(delivery), () => this.#attempt(delivery, delivery.state === 'pending'));
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

  /** Forgets all deliveries; pending ones are not attempted any more. */
  clear(): void {
    for (const delivery of this.#deliveries) if (delivery.state === 'pending') delivery.state = 'lost';
    this.#deliveries = [];
  }

  /** Breaks off what is under way, as if it had not been attempted, and attempts nothing ever after. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#lines.values());
  }

  kept(): KeptOutbox {
    return { made: this.#made, drawn: this.#drawn };
  }

  restore({ made, drawn }: KeptOutbox): void {
    this.#made = made;
    this.#drawn = drawn;
  }

  async #attemptEach(all: boolean, wanted: (url: string) => boolean): Promise<Tally> {
    const now = this.#now();
    const chosen = this.#deliveries
      .filter(({ state, dueAt }) => state === 'pending' && (all || dueAt <= now))
      .sort((a, b) => a.rank - b.rank || a.id - b.id);
    const byUrl = new Map<string, Chosen[]>();
    for (const delivery of chosen) {
      const url = this.#urlOf(delivery);
      const line = byUrl.get(url);
      const one = { delivery, attempted: delivery.attempts.length };
      if (line !== undefined) line.push(one);
      else if (wanted(url)) byUrl.set(url, [one]);
    }
    const tally: Tally = { attempted: 0, delivered: 0 };
    const lines = [...byUrl].map(([url, deliveries]) => this.#inLine(url, () => this.#attemptAll(deliveries, tally)));
    await Promise.all(lines);
    return tally;
  }

  async #attemptAll(deliveries: readonly Chosen[], tally: Tally): Promise<void> {
    for (const { delivery, attempted } of deliveries) {
      // Somebody else may have attempted it, or forgotten it, while this one was waiting in line.
      if (delivery.state !== 'pending' || delivery.attempts.length !== attempted) continue;
      const delivered = await this.#attempt(delivery, true);
      if (delivered === undefined) return;
      tally.attempted += 1;
      tally.delivered += delivered ? 1 : 0;
    }
  }

  #put(
    event: HookEvent,
    how: {
      readonly state: DeliveryState;
      readonly held: number;
      readonly behind: number;
      readonly duplicateOf: number | null;
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

  /** Whether it got through; undefined when the outbox is closed. */
  async #attempt(delivery: Delivery, again: boolean): Promise<boolean | undefined> {
    const { signal } = this.#closing;
    if (signal.aborted) return undefined;
    const { attempts, hook } = delivery;
    const message = this.#message(delivery);
    const at = new Date(this.#now()).toISOString();
    if (message === undefined) {
      attempts.push({ at, status: null, error: SWITCHED_OFF });
      delivery.state = 'failed';
      return false;
    }
    const { status, error } = await postMessage(message, this.#knobs().timeoutMs, signal);
    if (signal.aborted) return undefined;
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

  /** As the next attempt would send it. */
  #message(delivery: Delivery): OutgoingMessage | undefined {
    const { hook, event, payload, at, id, duplicateOf, attempts } = delivery;
    const same = this.#knobs().repeatedIds === 'same';
    const identity = same ? (duplicateOf ?? id) * NAMES_EACH : id * NAMES_EACH + attempts.length;
    return this.#rules.render({ hook, event, payload, at, identity });
  }

  #urlOf({ hook }: Delivery): string {
    return this.#rules.urlOf(hook) ?? '';
  }

  #inLine<Result>(line: string, act: () => Promise<Result>): Promise<Result> {
    const result = (this.#lines.get(line) ?? Promise.resolve()).then(act);
    const tail = result
      .catch(() => undefined)
      .then(() => {
        if (this.#lines.get(line) === tail) this.#lines.delete(line);
      });
    this.#lines.set(line, tail);
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
      message: this.#message(delivery) ?? null,
    };
  }
}
