import type { AtsProvider, StreamRequest } from '../contract/ats-provider.js';
import type { ProviderContext } from '../contract/context.js';
import type { Cursor, ProviderPage } from '../contract/page.js';

/** All pages of one stream. */
export async function readStream<Config>(
  provider: AtsProvider<Config>,
  context: ProviderContext<Config>,
  name: string,
  request: StreamRequest = { mode: 'full' },
  cursor: Cursor | null = null,
): Promise<readonly ProviderPage[]> {
  const stream = provider.streams.find((candidate) => candidate.name === name);
  if (stream === undefined) throw new Error(`The provider has no stream called "${name}".`);
  const pages: ProviderPage[] = [];
  for await (const page of stream.pages(context, request, cursor)) pages.push(page);
  return pages;
}
