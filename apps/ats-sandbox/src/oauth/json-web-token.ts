import { createHmac } from 'node:crypto';

/** A JSON Web Token, signed with a secret of the sandbox so that it looks and verifies like a real one. */
export function signJsonWebToken(
  algorithm: 'HS256' | 'HS512',
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  secret: string,
): string {
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const content = `${encode({ alg: algorithm, typ: 'JWT', ...header })}.${encode(claims)}`;
  const hash = algorithm === 'HS256' ? 'sha256' : 'sha512';
  return `${content}.${createHmac(hash, secret).update(content).digest('base64url')}`;
}
