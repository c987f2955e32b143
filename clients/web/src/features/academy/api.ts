export type {
  CourseCard,
  CourseDetail,
  EnrolledLesson,
  EnrollmentDetail,
  EnrollmentOut as Enrollment,
} from "@belgenet/api";
export { completeLesson, payOrder, placeOrder } from "@belgenet/api";
export {
  getCourseOptions as courseQuery,
  getEnrollmentOptions as enrollmentQuery,
  listCoursesInfiniteOptions as coursesQuery,
  listMyEnrollmentsInfiniteOptions as myEnrollmentsQuery,
} from "@belgenet/api/query";

/** Line kind under which the server sells courses. */
export const COURSE = "course";
