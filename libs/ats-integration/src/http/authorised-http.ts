import { setTimeout as sleep } from 'node:timers/promises';
import { errors, request as undiciRequest } from 'undici';
import type { Dispatcher } from 'undici';
import type { ProviderHttp, ProviderRequest, ProviderResponse } from '../contract/context.js';
import { faultOf, noAnswer, unreadableBody } from '../contract/default-fault.js';
import { ProviderFault } from '../contract/fault.js';
import type { RateLimitManifest } from '../contract/manifest.js';
import { resolveAddress } from './provider-address.js';
import type { RateBudget, WindowReading } from './rate-budget.js';
import { readBody } from './read-body.js';

/** The header that proves who we are, and how to get a new one after a 401. */
export interface Authoriser {
  header(signal: AbortSignal): Promise<{ readonly name: string; readonly value: string }>;
  /** The header was refused. True when a different one can be had. */
  renew(refused: string, signal: AbortSignal): Promise<boolean>;
}

export interface AuthorisedHttpOptions {
  /** The ATS's name as a person reads it. */
  readonly ats: string;
  readonly baseUrl: string;
  readonly authoriser: Authoriser;
  readonly budget: RateBudget;
  readonly rateLimit: RateLimitManifest;
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
  /** The provider's own reading of a refusal; null for the usual one. */
  readonly classify:
    ((response: { readonly status: number; readonly body: unknown }) => ProviderFault | null) | undefined;
  /** Counts every request that goes out. */
  readonly onRequest?: () => void;
  /** Waits between attempts, in ms. @default 500, 1000, 2000, 4000 */
  readonly backoffMs?: readonly number[];
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** From sending to the last byte. A slow but living answer is cut here, since nothing else ever would. */
const REQUEST_DEADLINE_MS = 120_000;
const DEFAULT_BACKOFF_MS = [500, 1000, 2000, 4000];
/** A longer wait than this ends the run instead: it continues at its cursor when the time has come. */
const LONGEST_RETRY_AFTER_MS = 90_000;
const NO_RETRY_AFTER_MS = 2_000;

/** `ProviderHttp` for real: see the interface for what it promises. Only what is safe to repeat is repeated. */
export class AuthorisedHttp implements ProviderHttp {
  constructor(private readonly options: AuthorisedHttpOptions) {}

  async request(request: ProviderRequest): Promise<ProviderResponse> {
    const backoff = this.options.backoffMs ?? DEFAULT_BACKOFF_MS;
    let renewed = false;
    for (let attempt = 0; ; attempt += 1) {
      const { authoriser, signal } = this.options;
      const header = await authoriser.header(signal);
      try {
        return await this.#once(request, header);
      } catch (error) {
        if (!(error instanceof ProviderFault)) throw error;
        if (error.status === 401 && !renewed) {
          // A refused request did nothing, so repeating it is safe whatever its method.
          renewed = await authoriser.renew(header.value, signal);
          if (renewed) continue;
        }
        const waitMs = this.#retryIn(request, error, backoff[attempt]);
        if (waitMs === null) throw error;
        await sleep(waitMs, undefined, { signal });
      }
    }
  }

  /** Milliseconds until the next attempt, or null when this was the last. */
  #retryIn(request: ProviderRequest, fault: ProviderFault, backoffMs: number | undefined): number | null {
    if (backoffMs === undefined) return null;
    if (fault.code === 'rate-limited') {
      const waitMs = fault.retryAfterMs ?? Math.max(NO_RETRY_AFTER_MS, backoffMs * 2);
      if (waitMs > LONGEST_RETRY_AFTER_MS) return null;
      this.options.budget.pause(waitMs);
      return waitMs;
    }
    // After a time-out or a 5xx nobody knows whether a write happened: only its sender may find out, by reading back.
    if (fault.code !== 'unavailable' || (request.method ?? 'GET') !== 'GET') return null;
    const waitMs = fault.retryAfterMs ?? backoffMs * (0.5 + Math.random());
    return waitMs > LONGEST_RETRY_AFTER_MS ? null : waitMs;
  }

  async #once(request: ProviderRequest, header: { name: string; value: string }): Promise<ProviderResponse> {
    const { options } = this;
    const url = resolveAddress(options.baseUrl, request);
    const label = `${request.method ?? 'GET'} ${url.pathname}`;
    await options.budget.acquire(options.signal);
    options.onRequest?.();
    let reading: WindowReading | null = null;
    try {
      const response = await undiciRequest(url, {
        method: request.method ?? 'GET',
        dispatcher: options.dispatcher,
        signal: AbortSignal.any([options.signal, AbortSignal.timeout(REQUEST_DEADLINE_MS)]),
        headers: {
          accept: 'application/json',
          [header.name]: header.value,
          ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
      });
      const headers = flatten(response.headers);
      reading = readWindow(headers, options.rateLimit);
      const text = await readBody(response.body, MAX_BODY_BYTES, label, response.statusCode);
      return this.#read(response.statusCode, headers, text, label, request);
    } catch (error) {
      throw this.#asFault(error, label);
    } finally {
      options.budget.settle(reading);
    }
  }

  #read(
    status: number,
    headers: Record<string, string>,
    text: string,
    label: string,
    request: ProviderRequest,
  ): ProviderResponse {
    const body = parse(text);
    // A refusal that is an answer is one by its status: its body may be anything.
    if (request.accept?.includes(status) === true)
      return { status, headers, body: body === NOT_JSON ? undefined : body };
    const wanted = status >= 200 && status < 300;
    if (wanted && body !== NOT_JSON) return { status, headers, body };
    if (wanted) throw unreadableBody(this.options.ats, label, status);
    const failed = {
      ats: this.options.ats,
      status,
      headers,
      body: body === NOT_JSON ? undefined : body,
      request: label,
    };
    throw faultOf({ ...failed, now: new Date() }, this.options.classify);
  }

  #asFault(error: unknown, label: string): unknown {
    if (error instanceof ProviderFault || this.options.signal.aborted) return error;
    return error instanceof errors.UndiciError || isNetworkError(error)
      ? noAnswer(this.options.ats, label, error)
      : error;
  }
}

const NOT_JSON = Symbol('not JSON');

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function readWindow(headers: Record<string, string>, rateLimit: RateLimitManifest): WindowReading | null {
  if (rateLimit.algorithm !== 'fixed-window' || rateLimit.headers === null) return null;
  const limit = Number(headers[rateLimit.headers.limit]);
  const remaining = Number(headers[rateLimit.headers.remaining]);
  const reset = Number(headers[rateLimit.headers.reset]);
  if (!Number.isFinite(limit) || limit <= 0 || !Number.isFinite(remaining) || !Number.isFinite(reset)) return null;
  return { limit, remaining, resetAt: new Date(reset * 1000) };
}

function isNetworkError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, message } = error as { readonly name?: unknown; readonly message?: unknown };
  return name === 'TimeoutError' || 'code' in error || message === 'terminated';
}
