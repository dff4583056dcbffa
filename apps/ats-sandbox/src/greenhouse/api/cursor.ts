import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { cursorExpired } from './harvest-error.js';

const contentSchema = z.strictObject({
  /** The list. */
  list: z.string(),
  /** The first request's parameters, which all later pages keep to. */
  query: z.string(),
  /** The last id given out. */
  last: z.int(),
  madeMs: z.number(),
});

export type CursorContent = z.infer<typeof contentSchema>;

/** Url-safe, opaque, and good only for the account that gave it out. */
export function writeCursor(content: CursorContent, secret: string): string {
  const text = Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${text}${sign(text, secret)}`;
}

const SIGNATURE_LENGTH = 16;

export function readCursor(
  cursor: string,
  list: string,
  secret: string,
  nowMs: number,
  ttlSeconds: number | null,
): CursorContent {
  const text = cursor.slice(0, -SIGNATURE_LENGTH);
  if (text === '' || sign(text, secret) !== cursor.slice(-SIGNATURE_LENGTH)) throw cursorExpired();
  const content = contentSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  const expired = ttlSeconds !== null && nowMs > content.madeMs + ttlSeconds * 1000;
  if (content.list !== list || expired) throw cursorExpired();
  return content;
}

function sign(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url').slice(0, SIGNATURE_LENGTH);
}
