(function () {
  var fragment = new URLSearchParams(location.hash.slice(1));
  if (!fragment.get("confirm_token")) return;
  var page = location.pathname + location.search;
  history.replaceState(null, "", page);
  var form = document.createElement("form");
  form.method = "post";
  form.action = page;
  ["nonce", "confirm_token", "service_id"].forEach(function (name) {
    var field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = fragment.get(name) || "";
    form.appendChild(field);
  });
  document.documentElement.appendChild(form);
  form.submit();
})();
