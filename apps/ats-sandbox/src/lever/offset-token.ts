import { badRequest } from './lever-error.js';

/** The token of a page: the sort key of its first row as percent-encoded JSON. It is encoded once more in a URL. */
export function offsetToken(key: readonly (string | number)[]): string {
  return encodeURIComponent(JSON.stringify(key));
}

/** The sort key in a token; a token that was decoded or otherwise meddled with is refused. */
export function parseOffsetToken(token: string, shape: readonly ('string' | 'number')[]): readonly (string | number)[] {
  const key = decode(token);
  if (!Array.isArray(key) || key.length !== shape.length) throw invalidOffset();
  const parts: readonly unknown[] = key;
  const typed = parts.filter((part, index): part is string | number => typeof part === shape[index]);
  if (typed.length !== shape.length || offsetToken(typed) !== token) throw invalidOffset();
  return typed;
}

/** What a token that is not, or no longer, good gets. */
export function invalidOffset(): Error {
  return badRequest('Invalid offset token');
}

function decode(token: string): unknown {
  try {
    return JSON.parse(decodeURIComponent(token));
  } catch {
    throw invalidOffset();
  }
}
