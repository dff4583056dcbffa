import { request } from 'undici';
import type { OutgoingMessage } from './delivery.js';

/** What a receiver made of a delivery: its status, or why there is none. */
export type Outcome =
  { readonly status: number; readonly error: null } | { readonly status: null; readonly error: string };

/** Sends one delivery, unless `ended` comes first. Redirects are not followed: no vendor does. */
export async function postMessage(message: OutgoingMessage, timeoutMs: number, ended: AbortSignal): Promise<Outcome> {
  try {
    const { statusCode, body } = await request(message.url, {
      method: 'POST',
      headers: { ...message.headers },
      body: message.body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ended]),
      // A connection that stays open would keep the receiver's server from closing.
      reset: true,
    });
    await body.dump();
    return { status: statusCode, error: null };
  } catch (error) {
    return { status: null, error: error instanceof Error ? `${error.name}: ${error.message}` : 'There was no answer.' };
  }
}
