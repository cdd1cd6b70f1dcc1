import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, got, renewal, type Schemas } from "@/lib/api";
import { meQuery, type Me } from "@/lib/session";

export const logIn = (body: Schemas["LoginInput"]) => got(api.POST("/api/v1/login", { body }));

/** Keeps who has signed in now. What was read before, perhaps by somebody else, is forgotten. */
function useSignedIn() {
  const queries = useQueryClient();
  return (me: Me) => {
    queries.clear();
    queries.setQueryData(meQuery.queryKey, me);
    renewal.setSignedIn(true);
  };
}

export function useLogin() {
  const signedIn = useSignedIn();
  return useMutation({ mutationFn: logIn, onSuccess: signedIn });
}

export function useSetup() {
  const signedIn = useSignedIn();
  return useMutation({
    mutationFn: (body: Schemas["SetupInput"]) => got(api.POST("/api/v1/setup", { body })),
    onSuccess: signedIn,
  });
}
