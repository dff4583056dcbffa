import type { ProviderId } from '../simulator.js';

/** Fields that no documentation knows. */
export const EXTRA_FIELDS: Readonly<Record<string, unknown>> = {
  zz_unknown_text: 'added without notice',
  zz_unknown_object: { nested: [1, { deeper: null }] },
  __v: 3,
};

/** JSON with unknown fields in every object; anything that is not JSON stays as it is. */
export function withExtraFields(body: Buffer): Buffer {
  try {
    return Buffer.from(JSON.stringify(enrich(JSON.parse(body.toString('utf8')))));
  } catch {
    return body;
  }
}

/** A list of nulls in the vendor's envelope. */
export function nullRows(provider: ProviderId, rows: number): string {
  const nulls = Array.from({ length: rows }, () => null);
  return JSON.stringify(provider === 'greenhouse' ? nulls : { data: nulls, hasNext: false });
}

/** What a proxy in front of the API says when the API is away. */
export function htmlPage(status: number): string {
  return `<!DOCTYPE html>\n<html><head><title>${status}</title></head>\n<body><center><h1>${status} Something went wrong</h1></center><hr></body></html>\n`;
}

/** Looks like JSON, and is none. */
export const MALFORMED_JSON = '{"data": [{"id": 1,, "name": \'unquoted}, undefined], }';

/** The bytes of a huge file from an offset on; it begins like a PDF. */
export function hugeFileChunk(offset: number, length: number): Buffer {
  const chunk = Buffer.alloc(length, '% filler of a sandbox file\n');
  if (offset === 0) chunk.write('%PDF-1.7\n'.slice(0, length));
  return chunk;
}

function enrich(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(enrich);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, field]) => [name, enrich(field)] as const);
  return { ...Object.fromEntries(entries), ...EXTRA_FIELDS };
}
