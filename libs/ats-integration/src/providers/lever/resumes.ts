import { z } from 'zod';
import type { ResumeCapability, ResumeRecord } from '../../contract.js';
import { parseRows, ProviderFault } from '../../contract.js';
import { listBodySchema, resumeSchema } from './api.schemas.js';
import type { LeverConfig } from './config.schema.js';
import { toResume } from './normalise.js';
import { unexpected } from './paging.js';

const locatorSchema = z.strictObject({ opportunity: z.string().min(1), resume: z.string().min(1) });

export const resumes: ResumeCapability<LeverConfig> = {
  /** Lever Data API docs, List all resumes. Without paging parameters, which this list does not take; 404 is "none". */
  async ofApplication({ http }, application) {
    const path = `/opportunities/${encodeURIComponent(application.remoteId)}/resumes`;
    const { status, body } = await http.request({ path, accept: [404] });
    if (status === 404) return null;
    const list = listBodySchema.safeParse(body);
    if (!list.success) throw unexpected({ what: 'résumés' }, 'the list itself is missing from the answer');
    const { rows } = parseRows(list.data.data, 'resume', resumeSchema);
    const withFile = rows.filter((resume) => resume.file !== null).map((resume) => toResume(resume, application));
    return withFile.reduce<ResumeRecord | null>(
      (newest, next) => (newest === null || uploaded(next) > uploaded(newest) ? next : newest),
      null,
    );
  },

  /** Lever Data API docs, Download a resume file. 422 means that Lever could not process the file. */
  async locate({ config }, { locator }) {
    const parsed = locatorSchema.safeParse(locator);
    if (!parsed.success)
      throw new ProviderFault(
        'unexpected-shape',
        'The stored place of a Lever résumé cannot be read. A re-sync finds it again.',
      );
    const { opportunity, resume } = parsed.data;
    const url = `${config.apiUrl}/opportunities/${encodeURIComponent(opportunity)}/resumes/${encodeURIComponent(resume)}/download`;
    return { url, authorised: true };
  },
};

const uploaded = (resume: ResumeRecord): number => resume.uploadedAt?.getTime() ?? 0;
