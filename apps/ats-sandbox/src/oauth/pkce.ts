import { createHash } from 'node:crypto';

/** What the app committed to when it asked for the code (RFC 7636); undefined when it did not use PKCE. */
export type CodeChallenge = string | undefined;

/** Whether the verifier answers the challenge; always, when there was none. Only S256 is known here. */
export function answersChallenge(challenge: CodeChallenge, verifier: string | undefined): boolean {
  if (challenge === undefined) return true;
  if (verifier === undefined) return false;
  return createHash('sha256').update(verifier).digest('base64url') === challenge;
}
