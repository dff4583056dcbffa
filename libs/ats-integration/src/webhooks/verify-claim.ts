import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SignatureClaim } from '../contract/webhooks.js';

/** Tried where there is no secret, so that nobody learns from the time which hooks have one. */
const NOBODYS_SECRET = 'no delivery is signed with this';
const HEXADECIMAL = /^[0-9a-f]{64}$/;

export interface Verification {
  readonly secrets: readonly string[];
  /** Milliseconds since 1970, by the database's clock. */
  readonly now: number;
  /** Null where the scheme signs no moment. */
  readonly toleranceSeconds: number | null;
}

/**
 * Whether one of the secrets made this signature, and not too long ago. Every secret is tried, each compared in constant
 * time, so the time that it takes says nothing of which one held. Without a secret or a claim nothing holds.
 */
export function verifyClaim(claim: SignatureClaim | null, { secrets, now, toleranceSeconds }: Verification): boolean {
  const { message, signature, signedAt } = claim ?? { message: '', signature: '', signedAt: null };
  const wellFormed = HEXADECIMAL.test(signature);
  const given = Buffer.from(wellFormed ? signature : '0'.repeat(64));
  let holds = false;
  for (const secret of secrets.length === 0 ? [NOBODYS_SECRET] : secrets) {
    const made = Buffer.from(createHmac('sha256', secret).update(message).digest('hex'));
    if (timingSafeEqual(made, given)) holds = true;
  }
  // Another algorithm than ours is no claim: a provider has no way to name one, what it passes on may.
  if (claim === null || claim.algorithm !== 'hmac-sha256' || secrets.length === 0 || !wellFormed) return false;
  return holds && isTimely(signedAt, now, toleranceSeconds);
}

/** In both directions: a moment in the future is as wrong as an old one. */
function isTimely(signedAt: Date | null, now: number, toleranceSeconds: number | null): boolean {
  if (toleranceSeconds === null) return true;
  if (signedAt === null || Number.isNaN(signedAt.getTime())) return false;
  return Math.abs(now - signedAt.getTime()) <= toleranceSeconds * 1000;
}
