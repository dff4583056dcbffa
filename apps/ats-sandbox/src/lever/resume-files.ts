import { fraction, integer, pick } from '../randomness/random.js';
import type { LeverState } from './lever-state.js';
import { COMPANIES, JOB_TITLES, LOCATIONS } from './names.js';
import { indexOfId, recordId } from './record-ids.js';
import type { OpportunityRow, StoredResume } from './records.js';
import { tinyPdf } from './tiny-pdf.js';

const SALT = 500;
/** A résumé's index is its opportunity's slot times this plus its number there. */
export const RESUMES_PER_SLOT = 64;

/** The id of one of an opportunity's résumés. */
export function resumeId(state: LeverState, slot: number, resume: StoredResume): string {
  return recordId(state.seed, slot * RESUMES_PER_SLOT + resume.number, 'resume');
}

/** An opportunity's résumé by its id; undefined when it has none such. */
export function findResume(state: LeverState, row: OpportunityRow, id: string): StoredResume | undefined {
  const index = indexOfId(state.seed, id, 'resume');
  if (index === undefined || Math.floor(index / RESUMES_PER_SLOT) !== row.slot) return undefined;
  return state.resumes(row).find(({ number }) => number === index % RESUMES_PER_SLOT);
}

/** What the file is called. */
export function resumeName(row: OpportunityRow, resume: StoredResume): string {
  return `resume-${(row.slot * RESUMES_PER_SLOT + resume.number).toString(36)}.pdf`;
}

/** The file itself. */
export function resumeFile(state: LeverState, row: OpportunityRow, resume: StoredResume): Buffer {
  const contact = state.contact(row.contact);
  const index = row.slot * RESUMES_PER_SLOT + resume.number;
  const jobs = positions(state, index).map(({ title, org, start }) => `${start.year}  ${title}, ${org}`);
  return tinyPdf([
    contact.name === '' ? 'Anonymous' : contact.name,
    contact.emails[0] ?? '',
    contact.location,
    '',
    'Experience',
    ...jobs,
    '',
    `Synthetic resume ${resumeId(state, row.slot, resume)}`,
  ]);
}

/** A résumé as the API shows it; `parsedData` is absent when the file was not parsed. */
export function resumeView(
  state: LeverState,
  row: OpportunityRow,
  resume: StoredResume,
): Readonly<Record<string, unknown>> {
  const id = resumeId(state, row.slot, resume);
  const index = row.slot * RESUMES_PER_SLOT + resume.number;
  const opportunity = recordId(state.seed, row.slot, 'opportunity');
  return {
    id,
    createdAt: resume.at,
    file: {
      name: resumeName(row, resume),
      ext: 'pdf',
      // The web application's address: the API's own is /opportunities/:id/resumes/:id/download.
      downloadUrl: `https://hire.lever.co/candidates/${opportunity}/resumes/${id}/download`,
      uploadedAt: resume.at,
      status: fraction(state.seed, index, SALT) < 0.9 ? 'processed' : null,
      size: resumeFile(state, row, resume).length,
    },
    ...(fraction(state.seed, index, SALT + 1) < 0.6
      ? { parsedData: { positions: positions(state, index), schools: [] } }
      : {}),
  };
}

interface Position {
  readonly org: string;
  readonly title: string;
  readonly summary: string;
  readonly location: string;
  readonly start: { readonly year: number; readonly month: number };
  readonly end: { readonly year: number; readonly month: number } | null;
}

function positions(state: LeverState, index: number): readonly Position[] {
  const count = 1 + integer(state.seed, index, SALT + 2, 3);
  return Array.from({ length: count }, (_, place) => {
    const year = 2024 - place * 3;
    return {
      org: pick(COMPANIES, state.seed, index, SALT + 3 + place),
      title: pick(JOB_TITLES, state.seed, index, SALT + 8 + place)[0],
      summary: '',
      location: pick(LOCATIONS, state.seed, index, SALT + 13 + place),
      start: { year, month: 1 + integer(state.seed, index, SALT + 18 + place, 12) },
      end: place === 0 ? null : { year: year + 2, month: 6 },
    };
  });
}
