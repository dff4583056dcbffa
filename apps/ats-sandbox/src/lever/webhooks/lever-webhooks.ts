import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { mix, uuid } from '../../randomness/random.js';
import type { AccountWebhooks, HandMadeHook, HookChange, HookView } from '../../webhooks/account-webhooks.js';
import type { NamedEvent, OutgoingMessage } from '../../webhooks/delivery.js';
import { WebhookOutbox } from '../../webhooks/webhook-outbox.js';
import type { LeverKnobs } from '../knobs.js';
import { badRequest, notFound } from '../lever-error.js';
import type { Happening } from './event-data.js';
import {
  EVENTS_WITH_ORIGINS,
  keptHooksSchema,
  newHookSchema,
  ORIGINS,
  WEBHOOK_EVENTS,
  type ChangedHook,
  type LeverHook,
  type NewHook,
} from './hook-rows.js';

const MINUTE_MS = 60_000;
/** Five attempts with growing gaps, which the vendor does not name (Lever webhook docs, Retries). */
const GAPS_MS = [1, 5, 30, 120].map((minutes) => minutes * MINUTE_MS);
const IDS = 81;
const TOKENS = 90;
const SECRETS = 100;

/** What of the account its webhooks need. */
export interface WebhookSetting {
  readonly seed: number;
  /** By the vendor's clock. */
  readonly nowMs: () => number;
  readonly knobs: () => LeverKnobs;
}

/** The webhooks of an account: those that apps made, each with a token of its own, and those made in the settings. */
export class LeverWebhooks implements AccountWebhooks {
  readonly outbox: WebhookOutbox;
  readonly #setting: WebhookSetting;
  readonly #hooks = new Map<string, LeverHook>();
  /** For webhooks of apps; what no Super Admin has touched is as the knob says. */
  readonly #switches = new Map<string, boolean>();
  #made = 0;

  /** `sandboxNowMs` is when deliveries are due by; the rest is by the vendor's clock. */
  constructor(setting: WebhookSetting, sandboxNowMs: () => number) {
    this.#setting = setting;
    const rules = {
      seed: setting.seed,
      urlOf: (hook: string) => this.#hooks.get(hook)?.url,
      gapsMs: () => GAPS_MS,
      // A redirect is a failure as well.
      succeeded: (status: number) => status >= 200 && status < 300,
      render: (event: NamedEvent) => this.#render(event),
    };
    this.outbox = new WebhookOutbox(rules, sandboxNowMs, () => setting.knobs().webhooks);
  }

  get any(): boolean {
    return this.#hooks.size > 0;
  }

  tell({ event, data, origin }: Happening, at: number): void {
    for (const hook of this.#hooks.values()) {
      const wanted = origin === null || hook.origins === null || hook.origins.some((one) => one === origin);
      if (hook.event === event && wanted && this.#isOn(hook))
        this.outbox.add({ hook: hook.id, event, payload: data, at });
    }
  }

  /** Those of one app, or of one key. */
  ownedBy(owner: string): readonly LeverHook[] {
    return [...this.#hooks.values()].filter((hook) => hook.owner === owner);
  }

  /** Made by an app: it delivers nothing until a Super Admin turns its event on. */
  create({ event, url, configuration }: NewHook, owner: string): LeverHook {
    const asked = configuration?.conditions?.origins ?? configuration?.origins;
    const hook = this.#put({ event, url, origins: originsFor(event, asked), owner, active: true, secret: undefined });
    if (configuration?.verifyConnection === true) this.#enqueueTest(hook);
    return hook;
  }

  /** All of them or, when one cannot be, none. */
  updateAll(changes: readonly ChangedHook[], owner: string): readonly LeverHook[] {
    const changed = changes.map((change) => this.#changed(change, owner));
    for (const [place, hook] of changed.entries()) {
      this.#hooks.set(hook.id, hook);
      if (changes[place]?.configuration?.verifyConnection === true) this.#enqueueTest(hook);
    }
    return changed;
  }

  delete(id: string, owner: string): void {
    this.#hooks.delete(this.#owned(id, owner).id);
  }

  list(): readonly HookView[] {
    return [...this.#hooks.values()].map((hook) => this.#view(hook));
  }

  async add({ event, url, secret, signed }: HandMadeHook): Promise<HookView> {
    const parsed = newHookSchema.safeParse({ event, url });
    if (!parsed.success) throw new Error(`Lever has no such webhook: ${z.prettifyError(parsed.error)}`);
    const token = signed === false ? null : secret;
    return this.#view(
      this.#put({ event: parsed.data.event, url, origins: null, owner: null, active: true, secret: token }),
    );
  }

  async change(id: string, { active, url, secret }: HookChange): Promise<HookView> {
    const hook = this.#byHand(id);
    const changed = {
      ...hook,
      active: active ?? hook.active,
      url: url ?? hook.url,
      signatureToken: secret ?? hook.signatureToken,
      updatedAt: this.#setting.nowMs(),
    };
    this.#hooks.set(id, changed);
    return this.#view(changed);
  }

  remove(id: string): void {
    this.#hooks.delete(this.#byHand(id).id);
  }

  test(id: string): Promise<boolean> {
    const { event } = this.#get(id);
    return this.outbox.sendNow({ hook: id, event, payload: {}, at: this.#setting.nowMs() });
  }

  toggle(events: readonly string[] | 'all', on: boolean): void {
    const unknown = events === 'all' ? undefined : events.find((event) => !WEBHOOK_EVENTS.some((one) => one === event));
    if (unknown !== undefined) throw new Error(`Lever has no event "${unknown}".`);
    for (const event of events === 'all' ? WEBHOOK_EVENTS : events) this.#switches.set(event, on);
  }

  kept(): Readonly<Record<string, unknown>> {
    const [hooks, switches] = [[...this.#hooks.values()], Object.fromEntries(this.#switches)];
    return { hooks, switches, made: this.#made, outbox: this.outbox.kept() };
  }

  restore(kept: Readonly<Record<string, unknown>>): void {
    const { hooks, switches, made, outbox } = keptHooksSchema.parse(kept);
    for (const hook of hooks) this.#hooks.set(hook.id, hook);
    for (const [event, on] of Object.entries(switches)) this.#switches.set(event, on);
    this.#made = made;
    this.outbox.restore(outbox);
  }

  #put(made: {
    readonly event: LeverHook['event'];
    readonly url: string;
    readonly origins: LeverHook['origins'];
    readonly owner: string | null;
    readonly active: boolean;
    /** Undefined: one is generated. Null: none. */
    readonly secret: string | null | undefined;
  }): LeverHook {
    const { seed, nowMs } = this.#setting;
    const { secret, ...given } = made;
    const id = uuid(seed, ++this.#made, IDS);
    const signatureToken = secret === undefined ? hex48(seed, this.#made, SECRETS) : secret;
    const hook = { ...given, id, signatureToken, createdAt: nowMs(), updatedAt: nowMs() };
    this.#hooks.set(id, hook);
    return hook;
  }

  #changed({ id, event, url, configuration }: ChangedHook, owner: string): LeverHook {
    const hook = this.#owned(id, owner);
    const next = event ?? hook.event;
    const asked = configuration?.conditions?.origins ?? configuration?.origins;
    const kept = EVENTS_WITH_ORIGINS.includes(next) ? (hook.origins ?? undefined) : undefined;
    const [origins, updatedAt] = [originsFor(next, asked ?? kept), this.#setting.nowMs()];
    return { ...hook, event: next, url: url ?? hook.url, origins, updatedAt };
  }

  #enqueueTest({ id, event }: LeverHook): void {
    this.outbox.add({ hook: id, event, payload: {}, at: this.#setting.nowMs() });
  }

  #render({ hook: id, event, payload, identity, at }: NamedEvent): OutgoingMessage | undefined {
    const hook = this.#hooks.get(id);
    const isTest = Object.keys(payload).length === 0;
    if (hook === undefined || (!isTest && !this.#isOn(hook))) return undefined;
    const { seed, knobs } = this.#setting;
    const { webhookMissingId, webhookUnsigned } = knobs();
    const token = hex48(seed, identity, TOKENS);
    const secret = webhookUnsigned ? null : hook.signatureToken;
    const body = JSON.stringify({
      ...(webhookMissingId ? {} : { id: uuid(seed, identity, IDS + 1) }),
      event,
      triggeredAt: at,
      token,
      ...(secret === null ? {} : { signature: webhookSignature(secret, token, at) }),
      data: payload,
    });
    return { url: hook.url, headers: { 'User-Agent': 'Lever-Webhooks', 'Content-Type': 'application/json' }, body };
  }

  /** A Super Admin switches those that apps made by their events, and each of the others by itself. */
  #isOn({ owner, event, active }: LeverHook): boolean {
    return owner === null ? active : (this.#switches.get(event) ?? this.#setting.knobs().webhookGroupsOn);
  }

  #view(hook: LeverHook): HookView {
    const { id, event, url, signatureToken: secret, owner } = hook;
    return { id, event, url, secret, active: this.#isOn(hook), madeBy: owner === null ? 'hand' : 'api' };
  }

  #get(id: string): LeverHook {
    const hook = this.#hooks.get(id);
    if (hook === undefined) throw new Error(`There is no webhook ${id}.`);
    return hook;
  }

  /** Who made a webhook, an app or a person, is the only one to change it. */
  #byHand(id: string): LeverHook {
    const hook = this.#get(id);
    if (hook.owner !== null) throw new Error(`The webhook ${id} was made by an app, and only the app can change it.`);
    return hook;
  }

  #owned(id: string, owner: string): LeverHook {
    const hook = this.#hooks.get(id);
    if (hook === undefined || hook.owner !== owner) throw notFound('webhooks', id);
    return hook;
  }
}

/** Of the token and the time only; the rest of the body is not covered (Lever webhook docs, Securing webhooks). */
export function webhookSignature(signatureToken: string, token: string, triggeredAt: number): string {
  return createHmac('sha256', signatureToken).update(`${token}${triggeredAt}`).digest('hex');
}

/** All six, unless some are named; null for events that have no such condition. */
function originsFor(
  event: LeverHook['event'],
  asked: readonly (typeof ORIGINS)[number][] | undefined,
): LeverHook['origins'] {
  if (EVENTS_WITH_ORIGINS.includes(event)) return [...(asked ?? ORIGINS)];
  if (asked !== undefined) throw badRequest(`${event} does not support the condition origins`);
  return null;
}

function hex48(seed: number, index: number, salt: number): string {
  const words = Array.from({ length: 6 }, (_, part) => mix(seed, index, salt * 8 + part));
  return words.map((word) => word.toString(16).padStart(8, '0')).join('');
}
