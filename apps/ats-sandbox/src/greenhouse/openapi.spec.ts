import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import * as ajvFormats from 'ajv-formats';
import { LIST_ENDPOINTS } from './api/endpoints.js';
import { TestApi } from './testing/test-api.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const file =
  process.env['GREENHOUSE_OPENAPI'] ?? join(root, '../shared/reference/greenhouse-harvest-v3.partial.openapi.json');
const found = existsSync(file);

interface Description {
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

function schemaName(resource: string): string {
  return resource.replace(/ies$/, 'y').replace(/s$/, '');
}

async function problems(jobInterviewStageId: boolean): Promise<readonly string[]> {
  const description = JSON.parse(readFileSync(file, 'utf8')) as Description;
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajvFormats.default.default(ajv);
  const api = await TestApi.start({ candidates: 400, knobs: { rateLimit: 'off', jobInterviewStageId } });
  api.account.change({ moves: 5, rejections: 5, hires: 5, newCandidates: 5, newJobs: 1, edits: 5 });
  const problems: string[] = [];
  for (const { resource } of LIST_ENDPOINTS) {
    const schema = description.components.schemas[schemaName(resource)];
    if (schema === undefined) throw new Error(`The description has no schema for ${resource}.`);
    const validate = ajv.compile(schema);
    const rows = await api.walk(`/${resource}?per_page=500`);
    for (const row of rows) {
      if (validate(row)) continue;
      const errors = (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
      );
      problems.push(`${resource}: ${errors.join('; ')}`);
    }
  }
  await api.stop();
  return [...new Set(problems)];
}

const title = found
  ? 'the rows of every list, held against the vendor’s component schemas'
  : 'SKIPPED, as the vendor’s OpenAPI description is not here (set GREENHOUSE_OPENAPI to its path): the rows of every list';

(found ? describe : describe.skip)(title, () => {
  it('follow the older specification to the letter without job_interview_stage_id', async () => {
    expect(await problems(false)).toEqual([]);
  });

  it('go beyond it by that property alone when it is on', async () => {
    expect(await problems(true)).toEqual([
      'applications:  must NOT have additional properties {"additionalProperty":"job_interview_stage_id"}',
    ]);
  });
});
