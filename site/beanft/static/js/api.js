// Shows the OpenAPI document with Swagger UI; a token that is typed in stays in this page and is not kept.
"use strict";
(() => {
  function show() {
    const place = document.getElementById("api-docs");
    window.SwaggerUIBundle({
      url: place.dataset.document,
      domNode: place,
      deepLinking: true,
      docExpansion: "list",
      defaultModelsExpandDepth: 0,
      persistAuthorization: false,
      tryItOutEnabled: false,
      validatorUrl: null, // nothing leaves this site
      presets: [window.SwaggerUIBundle.presets.apis],
    });
  }
  const follow = () => document.documentElement.classList.toggle("dark-mode", document.documentElement.dataset.bsTheme === "dark");
  document.addEventListener("beanft:theme", follow);
  follow();
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", show);
  else show();
})();
