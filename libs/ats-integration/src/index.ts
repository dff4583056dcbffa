export { AtsIntegrationModule } from './ats-integration.module.js';
export type {
  AtsHttp,
  AtsIntegrationExtras,
  AtsPorts,
  PortImplementation,
} from './ats-integration.module-definition.js';
export type { AtsIntegrationOptions, AtsIntegrationOptionsInput } from './ats-integration.options.js';
export { ATS_ENTITIES } from './ats-entities.js';
export { ATS_MIGRATIONS } from './ats-migrations.js';
export { InjectAtsProvider, getAtsProviderToken } from './registry/provider.tokens.js';
export { ProviderRegistry } from './registry/provider-registry.js';
export type { ConfiguredProvider } from './registry/provider-registry.js';

// The ports: interface and token share one name.
export { HOST_STAGE_KINDS, HiringPipeline } from './host/hiring-pipeline.port.js';
export type {
  ApplicationChange,
  CandidateChange,
  ChangeOf,
  GoneChange,
  HostStage,
  HostPerson,
  HostStageKind,
  JobChange,
  PeopleQuery,
  PersonMerge,
  PersonRef,
  PersonUnmerge,
  PipelineBatch,
  Placement,
  ResumeChange,
} from './host/hiring-pipeline.port.js';
export { FileStore } from './host/file-store.port.js';
export type { IncomingFile, StoredFile } from './host/file-store.port.js';
export { TenantResolver } from './host/tenant-resolver.port.js';
export type { Tenant } from './host/tenant-resolver.port.js';
export { PLAN_CONNECTIONS, PlanLimits } from './plan/plan-limits.port.js';
export type { PlanLimit } from './plan/plan-limits.port.js';
export { CONNECTION_CREDITS, CreditLedger } from './plan/credit-ledger.port.js';
export type { CreditRefusal } from './plan/credit-ledger.port.js';
export { EventPublisher } from './events/event-publisher.port.js';
export type { DomainEvent, DomainEventBody, DomainEventType } from './events/domain-event.js';
export { FolderFileStore } from './host/folder-file-store.js';

// For routes of the host's own that end in a connection.
export { PlanLimitGuard } from './plan/plan-limit.guard.js';
export { RequiresConnectionSlot } from './plan/requires-connection-slot.decorator.js';
export { describeAtsRoutes } from './rest/open-api.js';
export { ProblemDetailsFilter } from './rest/problem-details.filter.js';

// The queue and its two adapters.
export { LANES, WorkQueue } from './queue/work-queue.port.js';
export type { Lane, WorkHandler, WorkItem } from './queue/work-queue.port.js';
export { inProcessQueue } from './queue/in-process-queue.module.js';
export { bullQueue } from './queue/bull-queue.module.js';
export type { BullQueueOptions } from './queue/bull-queue.module.js';

// What the host's own code may call.
export { ConnectFlow } from './connect/connect-flow.js';
export type { ConnectRedirect } from './connect/connect-flow.js';
export { Disconnect } from './connect/disconnect.js';
export { KeyRotation } from './connections/key-rotation.js';
export type { KeyRotationReport, ResealedTable } from './connections/key-rotation.js';
export { PlanEnforcement } from './connect/plan-enforcement.js';
export type { Enforced } from './connect/plan-enforcement.js';
export { HookAdmin, WEBHOOK_STATUSES } from './webhooks/hook-admin.js';
export type { WebhookStatus, WebhookView } from './webhooks/hook-admin.js';
export { SyncRuns } from './sync/sync-runs.js';
export { DELETION_DECISIONS, HeldDeletions } from './sync/held-deletions.js';
export type { DeletionDecision, HeldDeletion } from './sync/held-deletions.js';
export { StageMapper } from './sync/stage-mapper.js';
export type { StageMappingRow, StageMappingView } from './sync/stage-mapper.js';
export type { MappingChoice } from './mapping/stage-mappings.js';
export { StageChanges } from './outbound/stage-changes.js';
export type { StageChangeRequest } from './outbound/stage-changes.js';
export { ChangeHistory } from './outbound/change-history.js';
export type { ChangePage, StageChangeView } from './outbound/change-history.js';
export { ChangeDecisions } from './outbound/change-decisions.js';
export type { Decider } from './outbound/change-decisions.js';
export type { Rejection } from './outbound/resolve-target.js';
export { MoveReasons } from './outbound/move-reasons.js';
export { FieldChanges } from './field-changes/field-changes.js';
export type { FieldChangeRequest } from './field-changes/field-changes.js';
export { FieldChangeHistory } from './field-changes/field-change-history.js';
export type { ChangedField, FieldChangePage, FieldChangeView } from './field-changes/field-change-history.js';
export { Duplicates } from './duplicates/duplicates.js';
export type { DuplicatePage, DuplicateView, MergePreview } from './duplicates/duplicates.js';
export { DuplicateSearch } from './duplicates/duplicate-search.js';
export { CandidateMerges } from './duplicates/candidate-merges.js';
export type { MergeRequest, UndoRequest } from './duplicates/candidate-merges.js';
export type { MergeView } from './duplicates/merge-view.js';
export type { MergeChoice, MergeChoices } from './duplicates/person-group.js';
export type { PersonField } from './duplicates/person-fields.js';
export type { PreviewField, Side } from './duplicates/default-choices.js';
export type { Confidence, Evidence } from './duplicates/compare-people.js';
export { ConnectionPreferences } from './connections/connection-preferences.js';
export { CONFLICT_POLICIES } from './connections/connection-settings.js';
export type { ActingUser, ConflictPolicy, ConnectionSettings } from './connections/connection-settings.js';
export { BANNER_KINDS, Banners } from './insight/banners.js';
export type { Banner, BannerKind } from './insight/banners.js';
export { ConnectionOverview } from './insight/connection-overview.js';
export type { ConnectionDetails, ConnectionSummary, RecordCounts } from './insight/connection-overview.js';
export { RunHistory } from './insight/run-progress.js';
export type { RunProgress, StreamProgress } from './insight/run-progress.js';
export { RecordLookup } from './insight/record-lookup.js';
export type { RecordAnswer } from './insight/record-lookup.js';
export type { Mover, StageStayView } from './insight/name-movers.js';
export { StageHistory } from './insight/stage-history.js';
export { ImportPreview } from './insight/preview/import-preview.js';
export type { PreviewLimits } from './insight/preview/import-preview.js';
export { PRECISIONS } from './insight/preview/preview-report.js';
export type {
  ImportPreviewReport,
  Precision,
  PreviewCount,
  UnconfirmedStage,
} from './insight/preview/preview-report.js';
export { Explain } from './insight/explain/explain.js';
export { ATS_ANSWERS, EXPLANATION_REASONS } from './insight/explain/explanation.js';
export type {
  AtsAnswer,
  ExplainQuestion,
  Explanation,
  ExplanationReason,
  NamedRecord,
} from './insight/explain/explanation.js';
export { Provenance } from './insight/provenance/provenance.js';
export { VALUE_EVENTS } from './insight/provenance/value-provenance.js';
export type {
  RecordProvenance,
  ValueEvent,
  ValueEventKind,
  ValueProvenance,
} from './insight/provenance/value-provenance.js';
export { SetAsideRecords } from './insight/set-aside-records.js';
export type { QuarantinedEntry, SkippedEntry } from './insight/set-aside-records.js';
export { textArray } from './database/text-array.js';
export { PlanUsage } from './plan/plan-usage.js';
export type { PlanUse } from './plan/plan-usage.js';
export { AtsError } from './support/ats-error.js';
export type { ErrorDetails } from './support/ats-error.js';
export { Clock } from './support/clock.js';

// Entities, for reading; the library alone writes them.
export { Connection } from './connections/connection.entity.js';
export { CONNECTION_STATUSES } from './connections/connection-status.js';
export type { ConnectionStatus } from './connections/connection-status.js';
export { Issue } from './connections/issue.entity.js';
export { SyncRun } from './sync/sync-run.entity.js';
export { RUN_KINDS, RUN_STATUSES } from './sync/sync-run-status.js';
export type { RunKind, RunStatus } from './sync/sync-run-status.js';
export { StageChange } from './outbound/stage-change.entity.js';
export { CHANGE_STATUSES } from './outbound/stage-change-status.js';
export type { ChangeStatus } from './outbound/stage-change-status.js';
export { FieldChange } from './field-changes/field-change.entity.js';
export { FIELD_CHANGE_STATUSES, FIELD_OUTCOMES } from './field-changes/field-change-status.js';
export type { FieldChangeStatus, FieldOutcome } from './field-changes/field-change-status.js';
export { StageMapping } from './mapping/stage-mapping.entity.js';
export {
  AtsApplication,
  AtsCandidate,
  AtsJob,
  AtsResume,
  AtsStage,
  AtsStageStay,
  AtsUser,
} from './records/record.entities.js';
export type { KindCounts, StreamCounts } from './sync/stream-counts.js';
