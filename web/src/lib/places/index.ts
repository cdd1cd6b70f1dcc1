import { useRouter } from "@tanstack/react-router";

/** Where a thing is shown, by the beginning of its id; of several, the first page that there is. */
const PLACES: Record<string, readonly [route: string, address: (id: string) => string][]> = {
  mem: [["/members/$memberId", (id) => `/members/${id}`]],
  seg: [["/segments/$segmentId", (id) => `/segments/${id}`], ["/segments/$id", (id) => `/segments/${id}`]],
  jrn: [["/journeys/$journeyId", (id) => `/journeys/${id}`], ["/journeys/$id", (id) => `/journeys/${id}`]],
  tpl: [["/content/$templateId", (id) => `/content/${id}`], ["/templates/$templateId", (id) => `/templates/${id}`]],
  imp: [["/imports/$importId", (id) => `/imports/${id}`], ["/imports", (id) => `/imports?open=${id}`]],
  dlv: [["/deliveries", (id) => `/deliveries?open=${id}`]],
  tsk: [["/tasks", (id) => `/tasks?open=${id}`]],
  chn: [["/settings/channels", (id) => `/settings/channels?open=${id}`]],
  usr: [["/settings/users", (id) => `/settings/users?open=${id}`]],
  key: [["/settings/keys", () => "/settings/keys"]],
  brd: [["/insight/boards/$boardId", (id) => `/insight/boards/${id}`]],
  gol: [["/insight/goals", (id) => `/insight/goals?chart=${id}`]],
  ded: [["/settings/health", (id) => `/settings/health?tab=letters&open=${id}`]],
};

/** The address at which something with an id is shown, if this app has a page for it. */
export function usePlaces(): (id: string) => string | undefined {
  const router = useRouter();
  return (id) => {
    const plain = id.replace(/^(user|key):/, "");
    const found = PLACES[plain.split("_")[0] ?? ""]?.find(([route]) => hasPage(router.routesByPath, route));
    return found?.[1](plain);
  };
}

/** The first of several addresses for which this app has a page: lists may live in more than one place. */
export function useFirstPlace(): (...routes: readonly string[]) => string | undefined {
  const router = useRouter();
  return (...routes) => routes.find((route) => hasPage(router.routesByPath, route));
}

function hasPage(routes: object, route: string): boolean {
  const path = route.replace(/[?#].*$/, "");
  return path in routes || `${path}/` in routes;
}
