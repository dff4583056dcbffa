const MANY: Readonly<Record<string, string>> = {
  user: 'Users',
  job: 'Jobs',
  stage: 'Stages',
  candidate: 'Candidates',
  application: 'Applications',
  resume: 'Résumés',
  'stage-stay': 'Stage history',
};

/** A record kind as a heading; what the library adds later is shown by its own name. */
export function kindWord(kind: string): string {
  return MANY[kind] ?? capital(kind.replaceAll('-', ' '));
}

const SKIPPED: Readonly<Record<string, string>> = {
  'job-not-open': 'Their job is not open in the ATS',
  'candidate-not-visible': 'The person who authorised Elly may not see the candidate',
  'candidate-not-imported': 'Their candidate was left out',
  'no-application-on-open-job': 'No application on an open job',
  'no-job': 'They belong to no job',
  private: 'Private in the ATS',
  template: 'A template, not a job',
  superseded: 'Replaced by a newer one in the ATS',
};

export function skippedWord(reason: string): string {
  return SKIPPED[reason] ?? capital(reason.replaceAll('-', ' '));
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
