// A one-time link opens directly: press its button. Robots that only look at the page do not spend it.
document.querySelector("form[data-press]")?.requestSubmit();
