// A chosen CSV file goes into the text field beside it: forms here carry text, never files.
document.addEventListener("change", async (event) => {
  const field = document.getElementById(event.target.dataset.into ?? "");
  const file = event.target.files?.[0];
  if (field && file) field.value = await file.text();
});
