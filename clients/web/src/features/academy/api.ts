export type { CourseCard, CourseDetail, Enrollment, EnrollmentDetail } from "@belgenet/api";
export { completeLesson, createOrder, startPayment } from "@belgenet/api";
export {
  getCourseOptions as courseQuery,
  getEnrollmentOptions as enrollmentQuery,
  listCoursesInfiniteOptions as coursesQuery,
  listMyEnrollmentsInfiniteOptions as myEnrollmentsQuery,
} from "@belgenet/api/query";

import type { EnrollmentDetail } from "@belgenet/api";

/** Line kind under which the server sells courses. */
export const COURSE = "course";

export type EnrolledLesson = EnrollmentDetail["sections"][number]["lessons"][number];
