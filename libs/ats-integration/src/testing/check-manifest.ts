import type { ContractCheck } from './contract-check.js';
import { demand } from './contract-check.js';
import { RECORD_SHAPES } from './record-shapes.js';
import type { RecordKind } from '../contract/records.js';
import type { StreamSpec } from '../contract/ats-provider.js';
import type { ProviderManifest } from '../contract/manifest.js';

/** What can be known without asking the ATS anything. */
export const MANIFEST_CHECKS: readonly ContractCheck[] = [
  {
    title: 'has an id for addresses and databases, documents over https and the day on which it was checked',
    run: ({ provider: { manifest } }) => {
      demand(
        /^[a-z][a-z0-9-]*$/.test(manifest.id),
        `the id "${manifest.id}" is not lower-case letters, digits and dashes`,
      );
      demand(manifest.name !== '' && manifest.summary !== '', 'name or summary is empty');
      for (const address of Object.values(manifest.documentation)) {
        demand(
          URL.canParse(address) && new URL(address).protocol === 'https:',
          `the document ${address} is not an https address`,
        );
      }
      const day = /^\d{4}-\d{2}-\d{2}$/.test(manifest.checkedOn) && !Number.isNaN(Date.parse(manifest.checkedOn));
      demand(day, `checkedOn "${manifest.checkedOn}" is no day`);
    },
  },
  {
    title:
      'has streams with names of their own that can be read in full, or history by its changes, and wait for each other without a circle',
    run: ({ provider: { streams, manifest } }) => {
      const names = streams.map((stream) => stream.name);
      demand(new Set(names).size === names.length, 'two streams share a name');
      for (const stream of streams) {
        demandWhole(stream, manifest.kinds);
        const stranger = stream.after.find((name) => !names.includes(name));
        demand(stranger === undefined, `stream "${stream.name}" comes after "${stranger}", which does not exist`);
      }
      const done = new Set<string>();
      for (let left = streams; left.length > 0; left = left.filter((stream) => !done.has(stream.name))) {
        const ready = left.filter((stream) => stream.after.every((name) => done.has(name)));
        demand(
          ready.length > 0,
          `streams ${left.map((stream) => stream.name).join(', ')} wait for each other in a circle`,
        );
        for (const stream of ready) done.add(stream.name);
      }
    },
  },
  {
    title: 'declares every kind that it yields and yields every kind that it declares',
    run: ({ provider: { manifest, streams, resumes } }) => {
      const declared = Object.keys(manifest.kinds) as RecordKind[];
      const yielded = new Set<RecordKind>(streams.flatMap((stream) => stream.kinds));
      if (resumes?.ofApplication !== undefined) yielded.add('resume');
      for (const kind of yielded)
        demand(declared.includes(kind), `"${kind}" is yielded and not in the manifest's kinds`);
      for (const kind of declared) demand(yielded.has(kind), `"${kind}" is in the manifest's kinds and never yielded`);
      demand(
        !yielded.has('resume') || resumes !== undefined,
        'résumés are yielded and nothing says where their bytes are',
      );
    },
  },
  {
    title: 'names fields that the common record has, each with a label, for kinds that it declares',
    run: ({ provider: { manifest } }) => {
      for (const [kind, fields] of Object.entries(manifest.fields)) {
        demand(
          Object.hasOwn(manifest.kinds, kind),
          `fields are listed for "${kind}", which is not in the manifest's kinds`,
        );
        const names = fields.map(({ field }) => field);
        demand(new Set(names).size === names.length, `a field of "${kind}" is listed twice`);
        for (const { field, label } of fields) {
          demand(Object.hasOwn(RECORD_SHAPES[kind as RecordKind], field), `"${kind}" has no field "${field}"`);
          demand(label !== '', `the field "${field}" of "${kind}" has no label`);
        }
      }
    },
  },
  {
    title: 'says which job statuses are open, what the rate limit is and how windows overlap',
    run: ({ provider: { manifest } }) => {
      demand(
        manifest.kinds.job === undefined || manifest.openJobStatuses.length > 0,
        'jobs are yielded and no status of theirs is open',
      );
      const { rateLimit, incremental } = manifest;
      const positive =
        rateLimit.algorithm === 'fixed-window'
          ? [rateLimit.limit, rateLimit.windowSeconds]
          : [rateLimit.capacity, rateLimit.refillPerSecond];
      demand(
        positive.every((number) => number > 0),
        'the rate limit allows nothing',
      );
      demand(incremental.overlapSeconds >= 0 && incremental.lagSeconds >= 0, 'overlap or lag is negative');
    },
  },
  {
    title: 'lists file hosts as host names, and none so wide that it is everybody',
    run: ({ provider: { manifest } }) => {
      for (const host of manifest.fileHosts) {
        demand(/^(\*\.)?([a-z0-9-]+\.)+[a-z]{2,}$/.test(host), `"${host}" is no host name`);
        demand(host.replace(/^\*\./, '').split('.').length >= 2, `"${host}" allows a whole top-level domain`);
      }
    },
  },
];

/** Whatever is no history has to be imported once; and of what is never listed whole, nobody can tell that it is gone. */
function demandWhole({ name, kinds, modes }: StreamSpec<unknown>, declared: ProviderManifest['kinds']): void {
  if (modes.includes('full')) return;
  demand(
    kinds.every((kind) => kind === 'stage-stay') && modes.includes('changes'),
    `stream "${name}" cannot be read in full`,
  );
  demand(
    declared['stage-stay']?.deletions !== 'sweep',
    `stream "${name}" cannot be read in full, so no sweep can tell what is gone of it`,
  );
}
