//! The API browser, and the document it shows.

use axum::http::Method;

use super::support::{call, on_every_database};

#[tokio::test]
async fn the_api_browser_works_without_the_internet() {
    on_every_database(|house| async move {
        let reply = call(Method::GET, "/api/docs").on(&house).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/api/docs/"));
        let page = call(Method::GET, "/api/docs/").on(&house).await;
        page.is(200);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("script-src 'self';") && policy.contains("connect-src 'self'"), "{policy}");
        assert!(
            !page.text().contains("<script>") && !page.text().contains("http://") && !page.text().contains("https://")
        );
        for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "index.css"] {
            call(Method::GET, &format!("/api/docs/{file}")).on(&house).await.is(200);
        }
        let starter = call(Method::GET, "/api/docs/swagger-initializer.js").on(&house).await;
        assert!(starter.text().contains("/api/openapi.json") && starter.text().contains("\"validatorUrl\": \"none\""));
    })
    .await;
}

#[tokio::test]
async fn the_openapi_document_is_complete() {
    on_every_database(|house| async move {
        let document = call(Method::GET, "/api/openapi.json").on(&house).await.json();
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["servers"][0]["url"], "/");
        assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
        assert_eq!(document["components"]["securitySchemes"]["cookie"]["name"], "hearth_session");
        assert!(document["components"]["schemas"]["ProblemBody"]["properties"]["code"].is_object());
        let paths = document["paths"].as_object().unwrap();
        let mut ids = std::collections::HashSet::new();
        for (path, item) in paths {
            for (method, operation) in item.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(ids.insert(id.to_owned()), "{id} twice");
                assert_eq!(
                    operation["responses"]["default"]["$ref"], "#/components/responses/Problem",
                    "{method} {path}"
                );
                assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{method} {path}");
            }
        }
        assert_eq!(paths["/api/v1/login"]["post"]["security"], serde_json::json!([{}]));
        assert!(paths["/api/v1/users"]["get"]["security"].is_null());
        // Every reference leads somewhere.
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
        assert!(crate::openapi_text(&house.document).unwrap().ends_with("}\n"));
    })
    .await;
}
