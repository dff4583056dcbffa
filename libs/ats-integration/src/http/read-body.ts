import type { Readable } from 'node:stream';
import { ProviderFault } from '../contract/fault.js';

/**
 * The whole body as text, at most `maxBytes`.
 * @throws ProviderFault `unexpected-shape` when it is larger: an answer that never ends must not fill the memory.
 */
export async function readBody(body: Readable, maxBytes: number, request: string, status: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      body.destroy();
      throw new ProviderFault(
        'unexpected-shape',
        `The ATS answered ${request} with more than ${Math.round(maxBytes / 1024 / 1024)} MB; the answer was cut off and nothing of it was used. Ask the ATS's support if it repeats.`,
        { status, request },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
