// @ts-check
/** Shows the schema of the API with Swagger UI; requests go out with the session's CSRF token. */

const place = document.getElementById("docs");
const csrf = () => document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] || "";

// @ts-ignore: the bundle defines it
window.SwaggerUIBundle({
  url: place?.dataset.schema,
  domNode: place,
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: (/** @type {any} */ request) => {
    request.headers["X-CSRFToken"] = csrf();
    return request;
  },
});
