import { randomBytes } from 'node:crypto';
import type { AccountRegistry } from '../server/account-registry.js';
import type { SandboxClock } from '../server/sandbox-clock.js';
import type { ClientRegistry } from './client-registry.js';
import type { TokenStore } from './token-store.js';

/** What a vendor's authorization server works with. */
export interface OAuthContext {
  /** All scopes of the vendor, with what the consent page says of each. */
  readonly scopes: Readonly<Record<string, string>>;
  readonly accounts: AccountRegistry;
  readonly clients: ClientRegistry;
  readonly tokens: TokenStore;
  readonly clock: SandboxClock;
  readonly signingSecret: string;
}

/** A secret of this sandbox, so that its tokens are its own. */
export function newSigningSecret(): string {
  return randomBytes(32).toString('hex');
}

/** The parameters that came as one piece of text each; repeated ones count as absent (RFC 6749, 3.1). */
export function textParameters(source: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (typeof source !== 'object' || source === null) return found;
  for (const [name, value] of Object.entries(source)) {
    if (typeof value === 'string' && value !== '') found.set(name, value);
  }
  return found;
}

/** The scopes of a space-separated list, each once. */
export function scopeList(text: string | undefined): readonly string[] {
  return [...new Set((text ?? '').split(' ').filter((scope) => scope !== ''))];
}
