import type {
  ApplicationRecord,
  CandidateRecord,
  JobRecord,
  ResumeRecord,
  StageRecord,
  StageStayRecord,
  UserRecord,
} from '../contract/records.js';

/** Any moment: what matters is only which of two is later. */
export const MOMENT = new Date('2026-03-01T12:00:00.000Z');

/** `MOMENT` and so many seconds. */
export function after(seconds: number): Date {
  return new Date(MOMENT.getTime() + seconds * 1000);
}

export function aUser(remoteId: string, changes: Partial<UserRecord> = {}): UserRecord {
  return { kind: 'user', remoteId, updatedAt: MOMENT, name: `User ${remoteId}`, email: null, active: true, ...changes };
}

export function aJob(remoteId: string, changes: Partial<JobRecord> = {}): JobRecord {
  return {
    kind: 'job',
    remoteId,
    updatedAt: MOMENT,
    title: `Job ${remoteId}`,
    descriptionHtml: null,
    status: 'open',
    remoteStatus: 'live',
    department: null,
    location: null,
    confidential: false,
    openedAt: null,
    closedAt: null,
    url: null,
    customFields: {},
    ...changes,
  };
}

export function aStage(remoteId: string, changes: Partial<StageRecord> = {}): StageRecord {
  return {
    kind: 'stage',
    remoteId,
    updatedAt: MOMENT,
    name: `Stage ${remoteId}`,
    jobRemoteId: null,
    position: 1,
    active: true,
    ...changes,
  };
}

export function aCandidate(remoteId: string, changes: Partial<CandidateRecord> = {}): CandidateRecord {
  return {
    kind: 'candidate',
    remoteId,
    updatedAt: MOMENT,
    name: `Candidate ${remoteId}`,
    firstName: null,
    lastName: null,
    emails: [],
    phones: [],
    headline: null,
    company: null,
    location: null,
    links: [],
    tags: [],
    anonymised: false,
    url: null,
    customFields: {},
    ...changes,
  };
}

/** By default the application `a<n>` of candidate `c<n>` to job `j1`. */
export function anApplication(remoteId: string, changes: Partial<ApplicationRecord> = {}): ApplicationRecord {
  return {
    kind: 'application',
    remoteId,
    updatedAt: MOMENT,
    candidateRemoteId: remoteId.replace(/^a/, 'c'),
    jobRemoteId: 'j1',
    stageRemoteId: null,
    stageName: null,
    status: 'active',
    statusReason: null,
    appliedAt: MOMENT,
    stageChangedAt: null,
    source: null,
    ownerRemoteId: null,
    customFields: {},
    ...changes,
  };
}

export function aResume(remoteId: string, changes: Partial<ResumeRecord> = {}): ResumeRecord {
  return {
    kind: 'resume',
    remoteId,
    updatedAt: MOMENT,
    candidateRemoteId: remoteId.replace(/^r/, 'c'),
    applicationRemoteId: null,
    filename: 'cv.pdf',
    locator: { id: remoteId },
    uploadedAt: MOMENT,
    ...changes,
  };
}

/** A stay of application `a1` in stage `s1`, since `MOMENT`. */
export function aStay(remoteId: string, changes: Partial<StageStayRecord> = {}): StageStayRecord {
  return {
    kind: 'stage-stay',
    remoteId,
    updatedAt: changes.leftAt ?? changes.enteredAt ?? MOMENT,
    applicationRemoteId: 'a1',
    stageRemoteId: 's1',
    enteredAt: MOMENT,
    leftAt: null,
    movedByRemoteId: null,
    ...changes,
  };
}
