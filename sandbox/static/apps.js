/* Opens a UPI app as the real frame does, if the page it stands in lets it ask the browser for payments at all: by going to the app's
   own scheme. Before, it tells the window that the payer left. (A browser without windows breaks down when it is really asked.) */
document.querySelector("button").addEventListener("click", function () {
  if (!document.featurePolicy.allowsFeature("payment")) {
    this.textContent = "The page forbids payments";
    return;
  }
  parent.postMessage("app", "*");
  location.href = this.dataset.address;
});
