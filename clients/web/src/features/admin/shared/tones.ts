/** Tone of a campaign's or course's state. */
export const CAMPAIGN_TONE = { draft: "neutral", published: "good", closed: "bad" } as const;
export const COURSE_TONE = { draft: "neutral", published: "good", archived: "bad" } as const;
/** Operations whose cached answers are out of date once a course has changed. */
export const STALE_COURSE = ["getAdminCourse", "listAdminCourses", "getCourse", "listCourses"];
