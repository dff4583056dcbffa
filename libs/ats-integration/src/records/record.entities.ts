import { defineEntity, p } from '@mikro-orm/core';
import type { ContactPoint, CustomFields } from '../contract/records.js';

/** Columns that every record has. Rows are written by `upsert-records.ts` alone; the entities are for reading. */
const recordProperties = {
  id: p.uuid(),
  connectionId: p.uuid().primary(),
  remoteId: p.text().primary(),
  tombstone: p.text().nullable(),
  createdAt: p.datetime(),
  changedAt: p.datetime(),
};

export const AtsUser = defineEntity({
  name: 'AtsUser',
  tableName: 'users',
  schema: 'ats',
  properties: { ...recordProperties, name: p.text(), email: p.text().nullable(), active: p.boolean() },
});

export const AtsJob = defineEntity({
  name: 'AtsJob',
  tableName: 'jobs',
  schema: 'ats',
  properties: {
    ...recordProperties,
    title: p.text(),
    descriptionHtml: p.text().nullable(),
    status: p.text(),
    remoteStatus: p.text(),
    department: p.text().nullable(),
    location: p.text().nullable(),
    confidential: p.boolean(),
    openedAt: p.datetime().nullable(),
    closedAt: p.datetime().nullable(),
    url: p.text().nullable(),
    customFields: p.json().$type<CustomFields>(),
  },
});

export const AtsStage = defineEntity({
  name: 'AtsStage',
  tableName: 'stages',
  schema: 'ats',
  properties: {
    ...recordProperties,
    name: p.text(),
    jobRemoteId: p.text().nullable(),
    position: p.double(),
    active: p.boolean(),
  },
});

export const AtsCandidate = defineEntity({
  name: 'AtsCandidate',
  tableName: 'candidates',
  schema: 'ats',
  properties: {
    ...recordProperties,
    name: p.text(),
    firstName: p.text().nullable(),
    lastName: p.text().nullable(),
    emails: p.json().$type<readonly ContactPoint[]>(),
    phones: p.json().$type<readonly ContactPoint[]>(),
    headline: p.text().nullable(),
    company: p.text().nullable(),
    location: p.text().nullable(),
    links: p.json().$type<readonly string[]>(),
    tags: p.json().$type<readonly string[]>(),
    anonymised: p.boolean(),
    url: p.text().nullable(),
    customFields: p.json().$type<CustomFields>(),
  },
});

export const AtsApplication = defineEntity({
  name: 'AtsApplication',
  tableName: 'applications',
  schema: 'ats',
  properties: {
    ...recordProperties,
    candidateRemoteId: p.text(),
    jobRemoteId: p.text().nullable(),
    stageRemoteId: p.text().nullable(),
    stageName: p.text().nullable(),
    status: p.text(),
    statusReason: p.text().nullable(),
    appliedAt: p.datetime().nullable(),
    stageChangedAt: p.datetime().nullable(),
    source: p.text().nullable(),
    ownerRemoteId: p.text().nullable(),
    customFields: p.json().$type<CustomFields>(),
    hostStageId: p.text().nullable(),
    placedHow: p.text().nullable(),
  },
});

export const AtsResume = defineEntity({
  name: 'AtsResume',
  tableName: 'resumes',
  schema: 'ats',
  properties: {
    ...recordProperties,
    candidateRemoteId: p.text(),
    applicationRemoteId: p.text().nullable(),
    filename: p.text(),
    uploadedAt: p.datetime().nullable(),
    fileState: p.enum(['pending', 'stored', 'refused', 'gone', 'superseded']),
    fileReference: p.text().nullable(),
    fileSize: p.bigint('number').nullable(),
    fileType: p.text().nullable(),
    fileNote: p.text().nullable(),
  },
});

export const AtsStageStay = defineEntity({
  name: 'AtsStageStay',
  tableName: 'stage_stays',
  schema: 'ats',
  properties: {
    ...recordProperties,
    applicationRemoteId: p.text(),
    stageRemoteId: p.text(),
    enteredAt: p.datetime().nullable(),
    leftAt: p.datetime().nullable(),
    movedByRemoteId: p.text().nullable(),
  },
});
