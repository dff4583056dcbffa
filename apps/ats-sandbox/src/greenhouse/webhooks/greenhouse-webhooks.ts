import { z } from 'zod';
import { iso } from '../data/frame.js';
import type { AccountWebhooks, HandMadeHook, HookChange, HookView } from '../../webhooks/account-webhooks.js';
import type { NamedEvent, OutgoingMessage } from '../../webhooks/delivery.js';
import { uuid } from '../../randomness/random.js';
import type { WebhookKnobs } from '../../webhooks/webhook-knobs.js';
import { WebhookOutbox } from '../../webhooks/webhook-outbox.js';
import type { Happening } from './event-payloads.js';
import { signature, webhookBody } from './signed-body.js';
import {
  keptWebhooksSchema,
  newWebhookSchema,
  WEBHOOK_EVENTS,
  type ChangedWebhook,
  type NewWebhook,
  type WebhookRow,
  type WebhookSecrets,
} from './webhook-rows.js';

const MINUTE_MS = 60_000;
/** Seven attempts over about fifteen hours (Greenhouse webhook docs, Retries). */
const GAPS_MS = [1, 15, 60, 120, 240, 480].map((minutes) => minutes * MINUTE_MS);
const MAX_ATTEMPTS = 7;
/** Greenhouse webhook docs, Headers. */
const RESERVED_HEADERS: readonly string[] = [
  'content-type',
  'content-length',
  'greenhouse-event-id',
  'authorization',
  'user-agent',
  'signature',
];

/** What of the account its webhooks need. */
export interface WebhookSetting {
  readonly seed: number;
  readonly nowMs: () => number;
  readonly knobs: () => WebhookKnobs;
}

/** The webhooks of an account: each for one event, signed with a secret that the customer chose. */
export class GreenhouseWebhooks implements AccountWebhooks {
  readonly outbox: WebhookOutbox;
  readonly #setting: WebhookSetting;
  readonly #hooks = new Map<string, { row: WebhookRow; secrets: WebhookSecrets }>();
  #made = 0;

  /** `sandboxNowMs` is when deliveries are due by; the rest is by the vendor's clock. */
  constructor(setting: WebhookSetting, sandboxNowMs: () => number) {
    this.#setting = setting;
    const rules = {
      seed: setting.seed,
      urlOf: (hook: string) => this.#hooks.get(hook)?.row.endpoint_url,
      gapsMs: (hook: string) =>
        GAPS_MS.slice(0, Math.max(0, Math.min(MAX_ATTEMPTS, this.#hooks.get(hook)?.row.max_attempts ?? 1) - 1)),
      succeeded: (status: number) => status === 200,
      render: (event: NamedEvent) => this.#render(event),
      delivered: (hook: string) => this.#put(hook, { last_delivered: this.#now() }),
    };
    this.outbox = new WebhookOutbox(rules, sandboxNowMs, setting.knobs);
  }

  /** Tells those webhooks of it that are for it; a merge is told as a deletion where nobody listens for merges. */
  tell({ event, payload }: Happening): void {
    const listening = (wanted: string): readonly WebhookRow[] =>
      this.rows().filter((row) => row.event_action_type === wanted && !row.deactivated);
    const merged = event === 'merge_candidate' && listening(event).length === 0;
    const told = merged ? 'delete_candidate' : event;
    const at = this.#setting.nowMs();
    for (const { id } of listening(told)) {
      this.outbox.add({ hook: String(id), event: told, payload: merged ? asDeletion(payload) : payload, at });
    }
  }

  rows(): readonly WebhookRow[] {
    return [...this.#hooks.values()].map(({ row }) => row);
  }

  /** A webhook whose ping is not answered with 200 is saved switched off. */
  async create(wanted: NewWebhook, madeBy: WebhookSecrets['madeBy']): Promise<WebhookRow> {
    const id = String(++this.#made);
    const now = this.#now();
    const row: WebhookRow = {
      id: this.#made,
      created_at: now,
      updated_at: now,
      name: wanted.name,
      endpoint_url: wanted.endpoint_url,
      event_action_type: wanted.event_action_type,
      max_attempts: wanted.max_attempts,
      additional_headers: wanted.additional_headers ?? null,
      error_recipient_email: wanted.error_recipient_email ?? null,
      deactivated: wanted.deactivated ?? false,
      last_delivered: null,
    };
    const { secret_key: secret, basic_auth_username: username = null, basic_auth_password: password = null } = wanted;
    this.#hooks.set(id, { row, secrets: { secret, username, password, madeBy } });
    return this.#pinged(id);
  }

  /** Undefined when there is no such webhook. */
  async update(id: string, changes: ChangedWebhook): Promise<WebhookRow | undefined> {
    const hook = this.#hooks.get(id);
    if (hook === undefined) return undefined;
    const { secret_key: secret, basic_auth_username: username, basic_auth_password: password, ...row } = changes;
    const secrets = Object.fromEntries(
      Object.entries({ secret, username, password }).filter(([, value]) => value !== undefined),
    );
    hook.secrets = { ...hook.secrets, ...secrets };
    this.#put(id, { ...row, updated_at: this.#now() });
    return this.#pinged(id);
  }

  delete(id: string): boolean {
    return this.#hooks.delete(id);
  }

  list(): readonly HookView[] {
    return [...this.#hooks.keys()].map((id) => this.#view(id));
  }

  async add(hook: HandMadeHook): Promise<HookView> {
    const { name = 'Made by hand', secret, url, event } = hook;
    if (secret === undefined) throw new Error('A Greenhouse webhook needs a secret, which the admin chooses.');
    const body = { endpoint_url: url, name, event_action_type: event, secret_key: secret, max_attempts: MAX_ATTEMPTS };
    const parsed = newWebhookSchema.safeParse(body);
    if (!parsed.success) throw new Error(`Greenhouse has no such webhook: ${z.prettifyError(parsed.error)}`);
    return this.#view(String((await this.create(parsed.data, 'hand')).id));
  }

  async change(id: string, { active, url, secret }: HookChange): Promise<HookView> {
    const changes = {
      ...(active === undefined ? {} : { deactivated: !active }),
      ...(url === undefined ? {} : { endpoint_url: url }),
      ...(secret === undefined ? {} : { secret_key: secret }),
    };
    if ((await this.update(id, changes)) === undefined) throw new Error(`There is no webhook ${id}.`);
    return this.#view(id);
  }

  remove(id: string): void {
    if (!this.delete(id)) throw new Error(`There is no webhook ${id}.`);
  }

  test(id: string): Promise<boolean> {
    if (!this.#hooks.has(id)) throw new Error(`There is no webhook ${id}.`);
    return this.#ping(id);
  }

  toggle(): void {
    throw new Error('Greenhouse has no switch for events; each webhook has one of its own.');
  }

  kept(): Readonly<Record<string, unknown>> {
    return { hooks: [...this.#hooks.values()], made: this.#made, outbox: this.outbox.kept() };
  }

  restore(kept: Readonly<Record<string, unknown>>): void {
    const { hooks, made, outbox } = keptWebhooksSchema.parse(kept);
    for (const { row, secrets } of hooks) this.#hooks.set(String(row.id), { row, secrets });
    this.#made = made;
    this.outbox.restore(outbox);
  }

  async #pinged(id: string): Promise<WebhookRow> {
    if (this.#hooks.get(id)?.row.deactivated === false && !(await this.#ping(id))) this.#put(id, { deactivated: true });
    const hook = this.#hooks.get(id);
    if (hook === undefined) throw new Error(`The webhook ${id} was deleted meanwhile.`);
    return hook.row;
  }

  #ping(id: string): Promise<boolean> {
    const row = this.#hooks.get(id)?.row;
    const payload = {
      web_hook_id: row?.id,
      endpoint_url: row?.endpoint_url,
      created_at: row?.created_at,
      updated_at: row?.updated_at,
      name: row?.name,
      event: row === undefined ? '' : WEBHOOK_EVENTS[row.event_action_type],
      active: row?.deactivated === false,
      'content-type': 'application/json',
    };
    return this.outbox.sendNow({ hook: id, event: 'ping', payload, at: this.#setting.nowMs() });
  }

  #render({ hook: id, event, payload, identity }: NamedEvent): OutgoingMessage | undefined {
    const hook = this.#hooks.get(id);
    if (hook === undefined || (hook.row.deactivated && event !== 'ping')) return undefined;
    const { secret, username, password } = hook.secrets;
    const body = webhookBody({ action: event, payload });
    const headers = {
      ...extraHeaders(hook.row.additional_headers),
      'Content-Type': 'application/json',
      'User-Agent': 'Greenhouse Webhooks',
      'Greenhouse-Event-ID': uuid(this.#setting.seed, identity, 71),
      Signature: signature(body, secret),
      ...(username === null ? {} : { Authorization: `Basic ${btoa(`${username}:${password ?? ''}`)}` }),
    };
    return { url: hook.row.endpoint_url, headers, body };
  }

  #put(id: string, changes: Partial<WebhookRow>): void {
    const hook = this.#hooks.get(id);
    if (hook !== undefined) hook.row = { ...hook.row, ...changes };
  }

  #view(id: string): HookView {
    const hook = this.#hooks.get(id);
    if (hook === undefined) throw new Error(`There is no webhook ${id}.`);
    const { row, secrets } = hook;
    const { event_action_type: event, endpoint_url: url, deactivated } = row;
    return { id, event, url, secret: secrets.secret, active: !deactivated, madeBy: secrets.madeBy };
  }

  #now(): string {
    return iso(this.#setting.nowMs());
  }
}

function asDeletion(payload: Happening['payload']): Happening['payload'] {
  const person = Object.entries(payload['person'] ?? {}).filter(([name]) => name !== 'new_candidate_id');
  return { person: { ...Object.fromEntries(person), deleted_application_ids: [] } };
}

/** `Name: value`, one a line; the documentation gives no format. Reserved names are the vendor's own. */
function extraHeaders(text: string | null): Readonly<Record<string, string>> {
  const lines = (text ?? '').split('\n').map((line) => /^\s*([\w-]+)\s*:\s*(.*?)\s*$/.exec(line));
  const headers = lines.flatMap((match): [string, string][] =>
    match === null ? [] : [[match[1] ?? '', match[2] ?? '']],
  );
  return Object.fromEntries(headers.filter(([name]) => !RESERVED_HEADERS.includes(name.toLowerCase())));
}
