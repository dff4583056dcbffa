import { z } from 'zod';
import type { AtsProvider } from '../contract/ats-provider.js';
import { AtsError } from '../support/ats-error.js';

/** A provider with its checked options. `unknown`: only the provider itself knows their shape. */
export interface ConfiguredProvider {
  readonly provider: AtsProvider;
  readonly config: unknown;
}

/** The providers of this module, by id. Built once from what was registered; nothing static, so two modules do not meet. */
export class ProviderRegistry {
  readonly #providers = new Map<string, ConfiguredProvider>();

  /** `providerOptions`: the options of every provider, by its id. */
  constructor(private readonly providerOptions: Readonly<Record<string, unknown>> = {}) {}

  /** @throws AtsError when two providers share an id or the options of one are wrong; the message says which key and how to mend it. */
  add(provider: AtsProvider, options: unknown = this.providerOptions[provider.manifest.id]): void {
    const { id, name } = provider.manifest;
    if (this.#providers.has(id)) {
      throw new AtsError(
        'duplicate-provider',
        `Two providers are called "${id}". Register each provider once, or give one another id.`,
      );
    }
    if (options === undefined) {
      throw new AtsError(
        'provider-options-missing',
        `${name} is registered but has no options. Give them in \`providerOptions.${id}\`.`,
      );
    }
    const parsed = provider.config.safeParse(options);
    if (!parsed.success) {
      throw new AtsError(
        'provider-options-wrong',
        `The options of ${name} (\`providerOptions.${id}\`) are wrong:\n${z.prettifyError(parsed.error)}`,
      );
    }
    checkManifest(provider);
    this.#providers.set(id, { provider, config: parsed.data });
  }

  /** @throws AtsError `unknown-provider` */
  get(id: string): ConfiguredProvider {
    const found = this.#providers.get(id);
    if (found === undefined) {
      const known = [...this.#providers.keys()].join(', ') || 'none';
      // The id may come from an address that anybody can make up: the sentence, which a page shows, does not repeat it.
      throw new AtsError('unknown-provider', `There is no ATS provider of this id. Registered are: ${known}.`, {
        details: { provider: id },
      });
    }
    return found;
  }

  has(id: string): boolean {
    return this.#providers.has(id);
  }

  /** Ids of the ATSs that tell of résumés one application at a time. */
  listingResumesByApplication(): string[] {
    return this.all()
      .filter(({ provider }) => provider.resumes?.ofApplication !== undefined)
      .map(({ provider }) => provider.manifest.id);
  }

  all(): readonly ConfiguredProvider[] {
    return [...this.#providers.values()];
  }
}

/** What would otherwise surface in the middle of a customer's first sync. */
function checkManifest(provider: AtsProvider): void {
  const { manifest, streams } = provider;
  const wrong = (what: string): never => {
    throw new AtsError('provider-manifest-wrong', `The provider "${manifest.id}" is declared wrongly: ${what}.`);
  };
  if (!/^[a-z][a-z0-9-]*$/.test(manifest.id)) wrong('its id must be lower-case letters, digits and dashes');
  if (manifest.auth.kind !== provider.auth.kind)
    wrong(`its manifest says ${manifest.auth.kind}, its code ${provider.auth.kind}`);
  const names = new Set(streams.map((stream) => stream.name));
  if (names.size !== streams.length) wrong('two of its streams share a name');
  for (const stream of streams) {
    for (const earlier of stream.after) {
      if (!names.has(earlier)) wrong(`stream "${stream.name}" comes after "${earlier}", which does not exist`);
    }
    for (const kind of stream.kinds) {
      if (manifest.kinds[kind] === undefined)
        wrong(`stream "${stream.name}" yields "${kind}", which its manifest does not list`);
    }
    if (stream.modes.includes('full')) continue;
    if (!stream.modes.includes('changes') || stream.kinds.some((kind) => kind !== 'stage-stay'))
      wrong(`stream "${stream.name}" cannot be read in full`);
    // A sweep takes for gone what a listing of everything did not show.
    if (manifest.kinds['stage-stay']?.deletions === 'sweep')
      wrong(`stream "${stream.name}" cannot be read in full, so no sweep can tell what is gone of it`);
  }
  if (hasCycle(streams)) wrong('its streams wait for each other in a circle');
}

function hasCycle(streams: AtsProvider['streams']): boolean {
  const left = new Map(streams.map((stream) => [stream.name, new Set(stream.after)]));
  while (left.size > 0) {
    const ready = [...left].filter(([, after]) => after.size === 0).map(([name]) => name);
    if (ready.length === 0) return true;
    for (const name of ready) {
      left.delete(name);
      for (const after of left.values()) after.delete(name);
    }
  }
  return false;
}
