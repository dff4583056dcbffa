/** The rows of Harvest v3 as the vendor's component schemas describe them. */
export interface Row {
  readonly id: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface CustomFieldValue {
  readonly name: string;
  readonly type: string;
  readonly value: unknown;
}

export type CustomFieldValues = Readonly<Record<string, CustomFieldValue>>;

export type JobStatus = 'open' | 'draft' | 'closed';

export interface JobRow extends Row {
  readonly name: string;
  readonly requisition_id: string | null;
  readonly notes: string | null;
  readonly confidential: boolean;
  readonly status: JobStatus;
  readonly opened_at: string | null;
  readonly closed_at: string | null;
  readonly is_template: boolean | null;
  readonly copied_from_id: number | null;
  readonly department_id: number | null;
  readonly office_ids: readonly number[] | null;
  readonly custom_fields: CustomFieldValues | null;
}

export interface StageRow extends Row {
  readonly job_id: number;
  readonly sort_order: number;
  readonly name: string;
  readonly active: boolean;
}

export type ApplicationStatus = 'in_process' | 'rejected' | 'hired' | 'converted';

export interface ApplicationRow extends Row {
  readonly agency_note_id: number | null;
  readonly candidate_id: number;
  readonly coordinator_id: number | null;
  readonly job_id: number | null;
  readonly job_post_id: number | null;
  readonly recruiter_id: number | null;
  readonly referrer_id: number | null;
  readonly source_id: number | null;
  /** The row of application_stages that is current, not the job's stage. */
  readonly stage_id: number | null;
  readonly job_interview_stage_id: number | null;
  readonly stage_name: string | null;
  readonly status: ApplicationStatus;
  readonly needs_decision: boolean | null;
  readonly prospect: boolean;
  readonly rejected_at: string | null;
  readonly last_activity_at: string | null;
  readonly location_address: string | null;
  readonly answers: readonly { readonly question: string; readonly answer: string }[] | null;
  readonly prospective_job_ids: readonly number[];
  readonly custom_fields: CustomFieldValues | null;
}

export interface ApplicationStageRow extends Row {
  readonly application_id: number;
  readonly job_interview_stage_id: number;
  readonly entered_at: string | null;
  readonly exited_at: string | null;
  readonly days_in_stage: number;
  readonly current: boolean;
}

export interface TypedValue {
  readonly value: string;
  readonly type: string;
}

export interface CandidateRow extends Row {
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly preferred_name: string | null;
  readonly company: string | null;
  readonly title: string | null;
  readonly last_activity_at: string | null;
  readonly private: boolean | null;
  readonly can_email: boolean;
  readonly time_zone: string | null;
  readonly tags: readonly string[];
  readonly linked_user_ids: readonly number[];
  readonly phone_numbers: readonly TypedValue[];
  readonly addresses: readonly TypedValue[];
  readonly email_addresses: readonly TypedValue[];
  readonly website_addresses: readonly TypedValue[];
  readonly social_media_addresses: readonly { readonly value: string }[];
  readonly custom_fields: CustomFieldValues | null;
}

export type AttachmentType = 'resume' | 'cover_letter' | 'other';

/** Without `url`, which is signed anew for every reply. */
export interface AttachmentRow extends Row {
  readonly application_id: number;
  readonly candidate_id: number;
  readonly type: AttachmentType;
  readonly filename: string;
}

export interface UserRow extends Row {
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly primary_email: string;
  readonly job_title: string | null;
  readonly agency_id: number | null;
  readonly name: string | null;
  readonly deactivated: boolean;
  readonly site_admin: boolean;
  readonly employee_id: string | null;
  readonly linked_candidate_ids: readonly number[];
  readonly office_ids: readonly number[];
  readonly department_ids: readonly number[];
  readonly interviewer_tags: readonly { readonly id: number; readonly name: string }[];
  readonly emails: readonly string[];
  readonly custom_fields: CustomFieldValues | null;
}

export interface RejectionDetailRow extends Row {
  readonly application_id: number;
  readonly rejected_by_id: number | null;
  readonly rejection_note_id: number | null;
  readonly rejection_reason_id: number | null;
  readonly rejected_at: string | null;
  readonly question_custom_fields: CustomFieldValues | null;
}
