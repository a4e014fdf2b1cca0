// The tool says that it is done (1EdTech dynamic registration): close its frame and show the new card.
addEventListener("message", (event) => {
  if (event.data && event.data.subject === "org.imsglobal.lti.close") location.replace("/tools");
});
