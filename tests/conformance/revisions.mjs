// The revisions whose requirements are run, one of each era.
export const LEGACY = "2025-11-25";
export const MODERN = "2026-07-28";
