import { createHmac } from 'node:crypto';

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** JSON as the vendor writes it: some characters are escaped before the bytes are signed. */
export function webhookBody(content: unknown): string {
  return JSON.stringify(content).replace(/[<>&\u2028\u2029]/g, (character) => ESCAPES[character] ?? character);
}

/** The `Signature` header: the algorithm, one space, and the digest of the raw bytes (Greenhouse webhook docs, Security). */
export function signature(body: string, secret: string): string {
  return `sha256 ${createHmac('sha256', secret).update(body).digest('hex')}`;
}
